"""The processes of this machine, also where ``ps`` is not installed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process.

    Args:
        pid: its number.
        parent: the number of the process that it came from.
        command: its words, with blanks between them.
    """

    pid: int
    parent: int
    command: str


def processes() -> Iterator[Process]:
    """List them."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            pid, parent, command = line.split(maxsplit=2)
            yield Process(int(pid), int(parent), command)
        return
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            command = (folder / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
            parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            yield Process(int(folder.name), int(parent), command)
