"""Private refs that keep captured working trees; no history shows them, and a plain ``git push`` leaves them here."""

from __future__ import annotations

import os

from zenrepo.git.command import Folder, attempt, git
from zenrepo.values import NamedTuple

REFS = "refs/zenrepo/captured/"
_QUIETLY = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.logAllRefUpdates=false")
_FORM = "--format=%(objectname)%00%(tree)%00%(parent)%00%(committerdate:unix)"


class Captured(NamedTuple):
    """A working tree that was captured.

    Args:
        commit: the id of the commit that holds it.
        tree: the id of its tree.
        base: the commit that it was changed from; empty where there was none yet.
        time: when it was captured, in seconds since 1970.
    """

    commit: str
    tree: str
    base: str
    time: int


def captured(folder: Folder, project: str) -> list[Captured]:
    """List what is captured, newest first.

    Args:
        folder: a folder of the repository.
        project: what tells the project that asks from the others of the clone, ``""`` or ending in ``/``.
    """
    lines = os.fsdecode(git(folder, "for-each-ref", _FORM, f"{REFS}{project}*")).splitlines()
    fields = (line.split("\0") for line in lines)
    found = [Captured(commit, tree, base, int(time)) for commit, tree, base, time in fields]
    return sorted(found, key=lambda one: (one.time, one.commit), reverse=True)


def keep(folder: Folder, project: str, commit: str) -> None:
    """Keep a captured tree, until it is dropped.

    Raises:
        GitError: if git cannot write the ref.
    """
    git(folder, *_QUIETLY, "update-ref", f"{REFS}{project}{commit}", commit)


def drop(folder: Folder, project: str, commit: str) -> None:
    """Keep a captured tree no longer; git forgets it by itself, in its own time."""
    attempt(folder, *_QUIETLY, "update-ref", "-d", f"{REFS}{project}{commit}")


def branch_at(folder: Folder, name: str, commit: str) -> bool:
    """Make a branch at a commit, which is not checked out.

    Returns:
        Whether it was made; not where there is one of that name.

    Raises:
        GitError: for a name that git does not take.
    """
    if attempt(folder, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}").returncode == 0:
        return False
    git(folder, "branch", "--no-track", "--", name, commit)
    return True


def rewritten(folder: Folder, commit: str, message: str) -> str:
    """Make a commit of the user's with the tree and the parent of another, which no ref reaches.

    Returns:
        Its id.

    Raises:
        GitError: where git does not know who the user is.
    """
    form = "--format=%T %P"
    tree, *parents = git(folder, "log", "-1", "--no-show-signature", form, commit).decode().split()
    after = [part for parent in parents for part in ("-p", parent)]
    return git(folder, "commit-tree", tree, *after, "-F", "-", stdin=message.encode()).decode().strip()
