"""How many lines of which files differ between two commits, which no hook and no look-up asks."""

from __future__ import annotations

import os
from collections.abc import Iterable

from zenrepo.git.command import Folder, git
from zenrepo.values import NamedTuple


class Counted(NamedTuple):
    """A file that differs between two commits.

    Args:
        path: of the file.
        added: its new lines; ``None`` for what is no text.
        removed: its lines that are gone; likewise.
    """

    path: str
    added: int | None
    removed: int | None


def counts(folder: Folder, old: str, new: str, paths: Iterable[str], *, under: str = "") -> list[Counted]:
    """Count the lines that differ between two commits.

    Args:
        folder: a folder of the repository.
        old: a commit.
        new: another.
        paths: the files or folders to look at, from the folder ``under``; none at all gives nothing.
        under: ``""`` or ending in ``/``.

    Raises:
        GitError: for a commit that is not there.
    """
    literal = [f":(top,literal){under}{path}" for path in sorted(paths)]
    if not literal:
        return []
    form = ("--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-color", "--no-relative")
    found = []
    for entry in git(folder, "diff", *form, old, new, "--", *literal).split(b"\0")[:-1]:
        added, removed, path = entry.split(b"\t", 2)
        numbers = [None if number == b"-" else int(number) for number in (added, removed)]
        found.append(Counted(os.fsdecode(path)[len(under) :], *numbers))
    return found
