"""Private refs: they keep the commits of runs alive through rebases and ``git gc``, and no history shows them."""

from __future__ import annotations

import os

from zenrepo.git.command import Folder, attempt

REFS = "refs/zenrepo/runs/"
_QUIETLY = ("-c", f"core.hooksPath={os.devnull}")
_HISTORY = ("refs/heads", "refs/remotes", "refs/tags")


def keep(folder: Folder, name: str, commit: str) -> None:
    """Keep a commit; where git cannot write a ref, the commit lives as long as without it.

    Args:
        folder: a folder of the repository.
        name: of the ref, below ``refs/zenrepo/runs/``.
        commit: the commit's id.
    """
    attempt(folder, *_QUIETLY, "update-ref", REFS + name, commit)


def let_go(folder: Folder, name: str) -> None:
    """Keep a commit no longer."""
    attempt(folder, *_QUIETLY, "update-ref", "-d", REFS + name)


def kept(folder: Folder) -> list[str]:
    """Give the names of what is kept."""
    done = attempt(folder, "for-each-ref", "--format=%(refname)", REFS)
    return [os.fsdecode(line).removeprefix(REFS) for line in done.stdout.splitlines()]


def follows(folder: Folder, commit: str, old: str) -> bool:
    """Say whether a commit takes the place of another: it comes after it, or no branch has that any more.

    Args:
        folder: a folder of the repository.
        commit: the newer one.
        old: the older one.
    """
    if attempt(folder, "merge-base", "--is-ancestor", old, commit).returncode == 0:
        return True
    holders = attempt(folder, "for-each-ref", "--count=1", f"--contains={old}", *_HISTORY)
    return holders.returncode == 0 and not holders.stdout
