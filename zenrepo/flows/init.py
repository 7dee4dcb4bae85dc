"""Make a git repository a zenrepo repository."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from zenrepo import config
from zenrepo import trust as trust_room
from zenrepo.errors import NotARepository, NotTrusted, ZenrepoError
from zenrepo.flows.intake import hooks as asked_hooks
from zenrepo.flows.intake import trusted
from zenrepo.git import tree
from zenrepo.git.locate import has_worktree, layout_at, locate, place_of, worktree
from zenrepo.layout import ZENML, Layout


class Made(NamedTuple):
    """What came of it.

    Args:
        layout: of the repository.
        new: whether it was none before.
        notes: what the user should know about its hooks, and about trust that cannot be kept.
        trusted: whether its triggers may run anything on this machine.
    """

    layout: Layout
    new: bool
    notes: list[str]
    trusted: bool

    @property
    def place(self) -> Path:
        """The folder that makes it one."""
        return self.layout.config.parent if has_worktree(self.layout) else self.layout.private


def make_repository(start: Path, *, hooks: bool = True, here: bool = False, trust: bool | None = None) -> Made:
    """Make a git repository a zenrepo repository. Done twice it changes nothing.

    A bare one gets no tracked file: it can run what is pushed to it.

    Args:
        start: a folder inside it.
        hooks: whether to install the git hooks, beside those that are there.
        here: whether to make a project of the folder itself, inside a larger repository.
        trust: whether to trust its triggers; by default where no commit of HEAD made it a zenrepo repository before, so
            that they can be nobody else's; never so of a bare repository.

    Raises:
        NotARepository: if the folder is in no git repository, or is to be a project in a bare one.
        ZenrepoError: where trust was asked for and cannot be kept.
    """
    layout = _layout(start.resolve(), here=here)
    new = _write_tracked(layout) if has_worktree(layout) else not layout.private.is_dir()
    layout.private.mkdir(parents=True, exist_ok=True)  # the hooks of a clone know its projects by these folders
    notes = asked_hooks.install(layout) if hooks else []
    return Made(layout, new, notes, _trust(layout, trust, notes))


def _write_tracked(layout: Layout) -> bool:
    """Write what git is to track, unless it is there, and say whether it was not."""
    new = config.write_default(layout.config)
    layout.pipelines.mkdir(parents=True, exist_ok=True)
    return new


def is_made_here(layout: Layout) -> bool:
    """Say whether nobody committed ``.zenml/`` before: the user makes it a zenrepo repository at this moment."""
    return not tree.holds(layout.folder, "HEAD", f"{layout.prefix}{ZENML}")


def _trust(layout: Layout, wanted: bool | None, notes: list[str]) -> bool:
    """Trust the triggers of a repository, or find out whether they are trusted."""
    try:
        known = trust_room.read(layout) is not None
    except NotTrusted as error:
        known = False
        notes.append(str(error))
    try:
        if wanted:
            trusted.trust(layout)
        elif wanted is None and not known and has_worktree(layout) and is_made_here(layout):
            trust_room.keep(layout, {})
        else:
            return known
    except ZenrepoError as error:
        if wanted:
            raise
        notes.append(str(error))
        return False
    return True


def _layout(start: Path, *, here: bool) -> Layout:
    """Find where ``.zenml/`` stands or will stand: the top of the working tree, unless this folder is a project."""
    try:
        found = locate(start)
    except NotARepository:
        found = None
    if found is not None and not (here and found.root != start):
        return found
    place = place_of(start)
    if not place.top and not here:
        return Layout(place.common, place.common)
    top, common = worktree(start)
    return layout_at(start if here else top, top, common)
