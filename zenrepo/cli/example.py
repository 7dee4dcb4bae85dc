"""``zenrepo example``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from zenrepo import examples
from zenrepo.cli.output import lines, say, show, show_json, show_table
from zenrepo.examples import Example

app = typer.Typer(help="Complete examples on data that ships in packages.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The example; 'zenrepo example list' lists them.")]


@app.command(name="list")
def list_examples(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the examples: what each teaches, how long it runs, and what it needs."""
    found = examples.EXAMPLES.values()
    if as_json:
        show_json([_plain(example) for example in found])
        return
    show_table(
        ("example", "teaches", "pipelines", "about", "needs"),
        ((e.name, e.teaches, ", ".join(e.kinds), f"{e.seconds} s", _needs(e)) for e in found),
    )


@app.command()
def pull(
    name: Name,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Where; ./NAME by default.", show_default=False)
    ] = None,
) -> None:
    """Make a git repository of an example, with its files committed, to change and to run."""
    example = examples.find(name)
    made = examples.pull(name, folder)
    show(f"made {made}")
    if lacking := examples.missing(example):
        say(f"to run it: pip install 'zenrepo[{','.join(lacking)}]'")
    say("next, as its README.md says:")
    for command in (f"cd {folder or name}", *example.commands):
        say(f"  {command}")


@app.command()
def run(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Where; a temporary folder by default.", show_default=False),
    ] = None,
) -> None:
    """Pull an example, run it, and compare its number to what is known; exit code 1 if it is not as expected."""
    place = folder or Path(tempfile.mkdtemp(prefix=f"zenrepo-{Path(name).name}-"))
    outcome = examples.run(name, place, lambda text: typer.echo(lines(text)))
    show(str(outcome))
    if not outcome.within:
        raise typer.Exit(1)


def _needs(example: Example) -> str:
    lacking = examples.missing(example)
    return ", ".join(f"{extra}{' (not installed)' if extra in lacking else ''}" for extra in example.extras)


def _plain(example: Example) -> dict[str, object]:
    expected = example.expected
    return {
        "name": example.name,
        "teaches": example.teaches,
        "pipelines": list(example.kinds),
        "seconds": example.seconds,
        "extras": list(example.extras),
        "missing": examples.missing(example),
        "metric": expected.metric,
        "expected": expected.bounds,
        "known": expected.known,
    }
