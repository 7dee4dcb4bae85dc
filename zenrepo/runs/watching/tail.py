"""Read a file that another process writes: the whole lines that are new."""

from __future__ import annotations

import os
from pathlib import Path

_AT_ONCE = 1 << 22


def attempt_log(folder: Path, step: str, attempt: int) -> Path:
    """Name the log of an attempt that failed and was followed by another.

    Args:
        folder: of the run.
        step: the step's name.
        attempt: from 1.
    """
    return folder / f"{step}.{attempt}.log"


class Tail:
    """The growing end of a file, which need not be there yet.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._inode = 0

    def moved(self, path: Path) -> None:
        """Go on with the same file under another name."""
        self._path = path

    def lines(self, *, ended: bool = False) -> list[str]:
        """Give the lines that have come since the last call, a few megabytes of them at the most.

        Of a file that was begun anew, from its beginning; of one that was shortened in the middle, those that come from
        now on.

        Args:
            ended: whether nothing more comes, so that half a line is a line, too.
        """
        try:
            with self._path.open("rb") as stream:
                self._go_on(os.fstat(stream.fileno()))
                stream.seek(self._at)
                text = stream.read(_AT_ONCE)
        except OSError:  # not there yet, or gone
            return []
        whole = text[: text.rfind(b"\n") + 1]
        if (ended and len(text) < _AT_ONCE) or (len(text) == _AT_ONCE and not whole):
            whole = text
        self._at += len(whole)
        return whole.decode("utf-8", "replace").removesuffix("\n").split("\n") if whole else []

    def _go_on(self, found: os.stat_result) -> None:
        """Find where to go on: the place where reading stopped is another one in another file."""
        if self._inode not in (0, found.st_ino):
            self._at = found.st_size
        elif found.st_size < self._at:
            self._at = 0
        self._inode = found.st_ino
