"""Choose what a run executes: a commit, or the working tree with all that is uncommitted, captured as one."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

from zenrepo import config, user_config
from zenrepo.errors import DirtyTreeRefused, GitError, UnknownName, UsageError
from zenrepo.flows.lookup import commit_of
from zenrepo.git import captured, history, status, uncommitted
from zenrepo.git.checkout import links_out
from zenrepo.git.locate import has_worktree
from zenrepo.git.uncommitted import Changed
from zenrepo.layout import CONFIG, Layout
from zenrepo.user_config import DIRTY

REFUSE, IGNORE = DIRTY[1:]
_IGNORE = "run the last commit as it is: --dirty=ignore"
_MB = 1_000_000
_NAMED = 3
"""Files that a message names at the most."""


class Chosen(NamedTuple):
    """What a run executes.

    Args:
        commit: its id.
        captured: whether it is a captured working tree, which no branch reaches; what `start` keeps.
    """

    commit: str
    captured: bool = False


def choose(layout: Layout, at: str | None = None, dirty: str | None = None) -> Chosen:
    """Choose what a run executes.

    Args:
        layout: of the repository.
        at: a commit, as ``git rev-parse`` takes it; by default the working tree, or ``HEAD`` where nothing is changed.
        dirty: with uncommitted changes: ``capture`` them, ``refuse`` to run, or ``ignore`` them and take ``HEAD``;
            by default what the user's own settings say. Nothing can be done with them for a commit that is named.

    Raises:
        UsageError: for a commit or a way that is not there, and for both at once.
        DirtyTreeRefused: for uncommitted changes that are refused, or that cannot be captured.
    """
    if dirty is not None and dirty not in DIRTY:
        raise UnknownName("way with uncommitted changes", dirty, DIRTY, f"give one of {', '.join(DIRTY)}")
    if at is not None and dirty is not None:
        raise UsageError(
            f"commit '{at}' has no uncommitted changes to {dirty}", "name a commit, or a way with changes, not both"
        )
    if at is None and dirty is None:
        dirty = user_config.load().dirty
    if at is not None:
        return _named(layout, commit_of(layout, at))
    if dirty == IGNORE or not has_worktree(layout):
        return Chosen(commit_of(layout, "HEAD"))
    if dirty == REFUSE:
        refuse_dirty(layout)
        return Chosen(commit_of(layout, "HEAD"))
    made = _captured(layout)
    return Chosen(made, captured=True) if made else Chosen(commit_of(layout, "HEAD"))


def refuse_dirty(layout: Layout) -> None:
    """Refuse a working tree that differs from its commit, for a run would not see the difference.

    Args:
        layout: of the repository.

    Raises:
        DirtyTreeRefused: naming files that differ; untracked ones do not count.
    """
    changed = status.changed(layout.root, untracked=False)
    if changed:
        raise DirtyTreeRefused(
            f"a run executes a commit, and the working tree differs from it: {named(changed)}",
            f"commit them, run what you see: --dirty=capture, or {_IGNORE}",
        )


def project(layout: Layout) -> str:
    """Give what tells a project in a folder from others of its clone, in names of refs; empty for the one on top."""
    return f"{crc32(layout.prefix.encode('utf-8', 'surrogateescape')):08x}/" if layout.prefix else ""


def left_out(layout: Layout) -> list[str]:
    """Name what is uncommitted outside a project in a folder, which a captured tree does not have."""
    if not layout.prefix:
        return []
    top = layout.root.parents[layout.prefix.count("/") - 1]
    return [path for path in status.changed(top) if not path.startswith(layout.prefix)]


def nested(layout: Layout, files: list[str]) -> list[str]:
    """Name those of some uncommitted files that are repositories of their own, of which git keeps only the commit."""
    return [path for path in files if (layout.root / path / ".git").exists()]


def named(files: list[str]) -> str:
    """Name some files, and count the rest."""
    more = len(files) - _NAMED
    return ", ".join(files[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _named(layout: Layout, commit: str) -> Chosen:
    """Take a commit that a user named, which may be one that was captured."""
    kept = {one.commit for one in captured.captured(layout.common, project(layout))}
    return Chosen(commit, commit in kept)


def _captured(layout: Layout) -> str | None:
    """Make a commit of the working tree, unless it is that of HEAD or one that is kept; no ref reaches a new one."""
    changed = uncommitted.changed(layout.root)
    if not changed:
        return None
    _refuse_unmerged(layout)
    _refuse_large(changed, config.load(layout.config).captured.largest_mb)
    try:
        tree = uncommitted.tree(layout.root)
    except GitError as error:
        said = error.message.partition(" failed: ")[2]
        raise DirtyTreeRefused(f"git cannot capture the working tree: {said}", f"mend it, or {_IGNORE}") from error
    base = history.resolve(layout.root, "HEAD") or ""
    if base and history.tree_of(layout.root, base) == tree:
        return None
    _refuse_links_out(layout, tree)
    same = (one.commit for one in captured.captured(layout.common, project(layout)) if one[1:3] == (tree, base))
    where = history.branch(layout.root) or "no branch"
    return next(same, None) or uncommitted.commit(layout.root, tree, base or None, f"What was uncommitted on {where}")


def _refuse_unmerged(layout: Layout) -> None:
    found = uncommitted.unmerged(layout.root)
    if found:
        raise DirtyTreeRefused(
            f"a merge is not done: there are conflicts in {named(found)}", f"solve and 'git add' them, or {_IGNORE}"
        )


def _refuse_links_out(layout: Layout, tree: str) -> None:
    """Refuse a symlink to data elsewhere, which no checkout could have: the run would only say so later."""
    for path, target in links_out(layout.common, tree).items():
        raise DirtyTreeRefused(
            f"the working tree cannot run from elsewhere: '{path}' is a symlink out of it, to '{target}'",
            f"name it in .gitignore: a data step finds it all the same; or {_IGNORE}",
        )


def _refuse_large(changed: list[Changed], largest: int) -> None:
    """Refuse to copy large data into git's objects: it was most likely forgotten in ``.gitignore``."""
    size = sum(file.size for file in changed)
    if size > largest * _MB:
        by_size = sorted(changed, key=lambda file: -file.size)
        raise DirtyTreeRefused(
            f"what is uncommitted is {_mb(size)}, and no more than {largest} MB is captured: "
            + named([f"{file.path} ({_mb(file.size)})" for file in by_size if file.size]),
            f"name data in .gitignore, raise 'captured.largest_mb' in {CONFIG}, or {_IGNORE}",
        )


def _mb(size: int) -> str:
    return f"{size / _MB:,.1f} MB"
