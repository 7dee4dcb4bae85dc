"""Keeps a log that is written for months from growing without end."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MOST = 1 << 20
"""Bytes; a log that has more is cut to the last half of it."""


def shorten(log: Path, most: int = MOST) -> None:
    """Cut a log that is too long to its last lines, in its place: who has it open to append goes on at its end.

    Args:
        log: where there is none, nothing happens.
        most: bytes that it may have; of more, the last half of so many stays.
    """
    with suppress(OSError), log.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= most:
            return
        file.seek(size - most // 2)
        file.readline()
        rest = file.read()
        file.seek(0)
        file.write(b"... %d bytes are left out here ...\n" % (size - len(rest)) + rest)
        file.truncate()
