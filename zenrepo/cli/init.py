"""``zenrepo init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zenrepo import config
from zenrepo.cli.output import say, show
from zenrepo.errors import NotARepository
from zenrepo.git import hooks as git_hooks
from zenrepo.git.locate import layout_at, locate, refuse_bare, worktree
from zenrepo.layout import ZENML, Layout


def init(
    hooks: Annotated[bool, typer.Option(help="Install the git hooks, beside those that are there.")] = True,
    here: Annotated[
        bool, typer.Option("--here", help="Make a project of this folder, inside a larger repository.")
    ] = False,
) -> None:
    """Make this git repository a zenrepo repository. Done twice it changes nothing."""
    layout = _layout(here=here)
    made = config.write_default(layout.config)
    layout.pipelines.mkdir(parents=True, exist_ok=True)
    layout.private.mkdir(parents=True, exist_ok=True)  # the hooks of a clone know its projects by these folders
    notes = git_hooks.install(layout) if hooks else []
    show(f"{'made' if made else 'found'} {layout.config.parent}")
    for note in notes:
        say(note)
    if made:
        say(f"next: write a pipeline into {ZENML}/pipelines/, and commit it")


def _layout(*, here: bool) -> Layout:
    """Find where ``.zenml/`` stands or will stand: the top of the working tree, unless this folder is a project."""
    start = Path.cwd()
    try:
        found = locate(start)
    except NotARepository:
        found = None
    if found is not None and not (here and found.root != start):
        refuse_bare(found)
        return found
    top, common = worktree(start)
    return layout_at(start.resolve() if here else top, top, common)
