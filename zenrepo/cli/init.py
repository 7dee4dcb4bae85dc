"""``zenrepo init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zenrepo.cli.output import say, show
from zenrepo.flows.init import make_repository
from zenrepo.layout import ZENML


def init(
    hooks: Annotated[bool, typer.Option(help="Install the git hooks, beside those that are there.")] = True,
    here: Annotated[
        bool, typer.Option("--here", help="Make a project of this folder, inside a larger repository.")
    ] = False,
) -> None:
    """Make this git repository a zenrepo repository. Done twice it changes nothing."""
    made = make_repository(Path.cwd(), hooks=hooks, here=here)
    show(f"{'made' if made.new else 'found'} {made.layout.config.parent}")
    for note in made.notes:
        say(note)
    if made.new:
        say(f"next: write a pipeline into {ZENML}/pipelines/, and commit it")
