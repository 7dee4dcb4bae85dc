"""Make a git repository a zenrepo repository."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from zenrepo import config
from zenrepo.errors import NotARepository
from zenrepo.git import hooks as git_hooks
from zenrepo.git.locate import layout_at, locate, refuse_bare, worktree
from zenrepo.layout import Layout


class Made(NamedTuple):
    """What came of it.

    Args:
        layout: of the repository.
        new: whether it was none before.
        notes: what the user should know about its hooks.
    """

    layout: Layout
    new: bool
    notes: list[str]


def make_repository(start: Path, *, hooks: bool = True, here: bool = False) -> Made:
    """Make a git repository a zenrepo repository. Done twice it changes nothing.

    Args:
        start: a folder inside it.
        hooks: whether to install the git hooks, beside those that are there.
        here: whether to make a project of the folder itself, inside a larger repository.

    Raises:
        NotARepository: if the folder is in no git repository, or in a bare one.
    """
    layout = _layout(start.resolve(), here=here)
    new = config.write_default(layout.config)
    layout.pipelines.mkdir(parents=True, exist_ok=True)
    layout.private.mkdir(parents=True, exist_ok=True)  # the hooks of a clone know its projects by these folders
    return Made(layout, new, git_hooks.install(layout) if hooks else [])


def _layout(start: Path, *, here: bool) -> Layout:
    """Find where ``.zenml/`` stands or will stand: the top of the working tree, unless this folder is a project."""
    try:
        found = locate(start)
    except NotARepository:
        found = None
    if found is not None and not (here and found.root != start):
        refuse_bare(found)
        return found
    top, common = worktree(start)
    return layout_at(start if here else top, top, common)
