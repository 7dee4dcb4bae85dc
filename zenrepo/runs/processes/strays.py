"""The processes that a step has started and that have left its session, as daemons do.

On Linux the process of a step adopts them, and so they can be found as long as it lives; elsewhere none are.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zenrepo.runs.processes.lease import Process


class _Stat(NamedTuple):
    """What the system says of a process: who it is, and the numbers of its parent and of its session."""

    process: Process
    parent: int
    session: int


def strays(step: int) -> list[Process]:
    """Find the processes below a step's that have left its session.

    Args:
        step: the number of the step's process, which leads the session.

    Returns:
        What `end` takes, for when the step has ended.
    """
    left = [stat for path in Path("/proc").glob("[0-9]*/stat") if (stat := _stat(path))]
    family, generation = [], {step}
    while generation:
        children = [stat for stat in left if stat.parent in generation]
        left = [stat for stat in left if stat.parent not in generation]
        generation = {stat.process.pid for stat in children}
        family += children
    return [stat.process for stat in family if stat.session != step]


def end(processes: list[Process]) -> None:
    """Kill those that still live."""
    for process in processes:
        if process.lives:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)


def _stat(path: Path) -> _Stat | None:
    try:
        state, *fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile
        return None
    born = "" if state in "ZX" else fields[18]  # as `lease.born` reads it
    return _Stat(Process(int(path.parent.name), born), int(fields[0]), int(fields[2]))
