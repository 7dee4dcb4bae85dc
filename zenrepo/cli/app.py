"""The one description of the command line, and the one place where errors are shown."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

import zenrepo
from zenrepo.cli import demo, hooks, init, lineage, pipelines, run, runs, status, steps, worker
from zenrepo.cli.output import complain
from zenrepo.errors import ZenrepoError

app = typer.Typer(
    name="zenrepo",
    help="A Git-native repository manager for machine-learning pipelines, with a metadata store.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("init")(init.init)
app.command("status")(status.status)
app.command("steps")(steps.steps)
app.command("pipelines")(pipelines.pipelines)
app.command("run")(run.run)
app.command("runs")(runs.runs)
app.command("lineage")(lineage.lineage)
app.command("worker")(worker.worker)
app.command("demo")(demo.demo)
app.add_typer(hooks.app, name="hooks")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zenrepo {zenrepo.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    folder: Annotated[Path | None, typer.Option("-C", metavar="PATH", help="Run as if started in PATH.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the release and exit.")
    ] = False,
) -> None:
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise typer.BadParameter(f"cannot enter '{folder}': {error.strerror}", param_hint="-C") from error


def main() -> None:
    """Run the command line of this process; every error ends it with the code that its class names."""
    debug = "--debug" in sys.argv
    try:
        app()
    except ZenrepoError as error:
        if debug:
            traceback.print_exc()
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:  # noqa: BLE001  (the last handler there is; a user sees no traceback unasked)
        if debug:
            raise
        complain(ZenrepoError(f"unexpected {type(error).__name__}: {error}", "run it again with --debug, and tell us"))
        sys.exit(1)
