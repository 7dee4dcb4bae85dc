"""The one description of the command line, and the one place where errors are shown."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

import zenrepo
from zenrepo.cli.output import complain
from zenrepo.errors import ZenrepoError, unwritable

COMMANDS = (
    "init",
    "status",
    "steps",
    "pipelines",
    "datasources",
    "run",
    "runs",
    "why",
    "impact",
    "captured",
    "lineage",
    "compare",
    "deployments",
    "rollback",
    "worker",
    "hooks",
    "trust",
    "config",
    "reindex",
    "demo",
    "example",
)
"""The commands, in the order of the help; each is a file of this folder with a function, or an ``app``, in it."""


def make_app(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """Make the command line.

    Args:
        names: the commands to know; a process that runs one command imports no other.
    """
    app = typer.Typer(
        name="zenrepo",
        help="A Git-native repository manager for machine-learning pipelines, with a metadata store.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        callback=_options,
    )
    for name in names:
        module = import_module(f"zenrepo.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _named(argv: Sequence[str]) -> Sequence[str]:
    """Give the one command that a command line names; all of them where that is not plain."""
    words = iter(argv)
    for word in words:
        if word == "-C":
            next(words, None)
        elif word != "--debug":
            return (word,) if word in COMMANDS else COMMANDS
    return COMMANDS


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zenrepo {zenrepo.__version__}")
        raise typer.Exit


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


def _stream(error: OSError) -> str:
    """Name standard output where it is what could not be written: the error came up where commands print."""
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    printing = frame.f_globals.get("__name__", "").startswith(("zenrepo.cli.", "rich.", "click.", "typer."))
    return "standard output" if printing else ""


def run() -> None:
    """Run the command line of this process; every error ends it with the code that its class names."""
    debug = "--debug" in sys.argv
    try:
        make_app(_named(sys.argv[1:]))()
    except ZenrepoError as error:
        if debug:
            traceback.print_exc()
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        raise  # `main` knows what to do
    except Exception as error:  # the last handler there is; a user sees no traceback unasked
        if debug:
            raise
        if isinstance(error, OSError) and (known := unwritable(error, _stream(error))):
            complain(known)
            sys.exit(known.exit_code)
        complain(ZenrepoError(f"unexpected {type(error).__name__}: {error}", "run it again with --debug, and tell us"))
        sys.exit(1)
