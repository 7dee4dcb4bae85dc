"""``zenrepo steps``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.show_steps import show_steps


def steps(
    step_type: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="List the versions of this step type.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="REV", help="The version that this commit holds.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the source of the version, HEAD's by default.")] = False,
    diff: Annotated[
        tuple[str, str] | None, typer.Option("--diff", metavar="A B", help="Compare the versions of two commits.")
    ] = None,
    every_ref: Annotated[bool, typer.Option("--all", help="Look at all refs, not at HEAD's history alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the step types of this repository, or every version of one, newest first."""
    show_steps(step_type=step_type, version=version, show=show, diff=diff, every_ref=every_ref, as_json=as_json)
