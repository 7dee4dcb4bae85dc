"""``zenrepo captured``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zenrepo.cli.output import clean, lines, say, show, show_json, show_table, when
from zenrepo.flows.planning import captured
from zenrepo.flows.planning.capture import named
from zenrepo.flows.planning.captured import Held
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal


class _ListUnlessNamed(TyperGroup):
    """Takes ``captured`` without a command as ``captured list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the word that was left out."""
        named_one = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named_one else ["list", *args])


app = typer.Typer(cls=_ListUnlessNamed, help="The working trees that runs captured: what was uncommitted, and ran.")
Which = Annotated[
    str, typer.Argument(metavar="CAPTURED", help="Its id, or the number of a run of it.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List what is captured, newest first."""
    found = captured.listing(locate())
    if as_json:
        show_json([_plain(one) for one in found])
        return
    rows = ((one.commit[:7], when(one.time), one.base[:7], _runs(one), clean(named(one.files))) for one in found)
    show_table(("captured", "when", "on top of", "runs", "files changed"), rows)


@app.command("show")
def show_one(
    which: Which,
    diff: Annotated[bool, typer.Option("--diff", help="Show the changed lines.")] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="OTHER", help="Compare it to another one, to a run by its number, or to a commit."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what one holds that the commit below it does not, or compare it."""
    layout = locate()
    if diff or against is not None:
        sys.stdout.write(_printable(captured.difference(layout, which, against)))
        return
    found = captured.held(layout, which)
    if as_json:
        show_json(_plain(found))
        return
    show(f"captured {found.commit}, {when(found.time)}")
    show(f"on top of {found.base or 'nothing: there was no commit yet'}")
    show(f"runs: {_runs(found) or 'none'}")
    for path in found.files:
        show(f"  {clean(path)}")


@app.command()
def promote(
    which: Which,
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="The new branch.", show_default=False)],
    message: Annotated[str | None, typer.Option("--message", "-m", help="Of its commit.")] = None,
) -> None:
    """Make a branch of it, with a commit of yours; nothing is checked out."""
    made = captured.promote(locate(), which, branch, message)
    say(f"branch '{branch}' is at {made[:7]}")


@app.command()
def drop(which: Which) -> None:
    """Keep it no longer: git forgets it in its own time."""
    gone = captured.drop(locate(), which)
    ran = f"; run {gone.runs[0].number} cannot be run again from it" if gone.runs else ""
    say(f"{gone.commit[:7]} is dropped{ran}")


@app.command()
def expire() -> None:
    """Drop those that no run has executed for as long as the settings say; a worker does the same."""
    layout = locate()
    layout.private.mkdir(parents=True, exist_ok=True)
    with Journal(layout.runs_db) as journal:
        gone = captured.expire(layout, journal)
    say(f"{len(gone)} expired" + (f": {', '.join(commit[:7] for commit in gone)}" if gone else ""))


def _runs(found: Held) -> str:
    return ", ".join(f"{run.number} {run.pipeline}" for run in found.runs)


def _printable(text: str) -> str:
    return "\n".join("\t".join(map(lines, line.split("\t"))) for line in text.split("\n"))


def _plain(found: Held) -> dict[str, Any]:
    return {
        "commit": found.commit,
        "base": found.base or None,
        "time": found.time,
        "files": found.files,
        "runs": [{"run": run.number, "pipeline": run.pipeline, "state": run.state} for run in found.runs],
    }
