"""Which commit of a working tree a hook looked at last: one whose hook was killed, or off, has queued no run."""

from __future__ import annotations

import os
from zlib import crc32

from zenrepo.git.history import made_here
from zenrepo.layout import Layout


def note_seen(layout: Layout, commit: str) -> None:
    """Note that a hook came to its end with a commit, or left it to the worker."""
    path = _file(layout)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(commit)


def is_unseen(layout: Layout, head: str) -> bool:
    """Say whether HEAD's commit was made in this working tree, and no hook came to its end with it.

    Where no hook has come to an end here yet, that is not known, and not said.
    """
    try:
        with open(_file(layout), encoding="ascii") as file:
            return file.read() != head and made_here(layout.folder)
    except OSError:
        return False


def _file(layout: Layout) -> str:
    return os.path.join(layout.own("seen"), f"{crc32(os.fsencode(layout.folder)):08x}")
