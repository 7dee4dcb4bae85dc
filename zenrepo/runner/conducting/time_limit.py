"""How long a step may take, and what becomes of one that takes longer."""

from __future__ import annotations

import math
import os
import signal
import time
from contextlib import suppress
from typing import NamedTuple

from zenrepo.durations import duration_text
from zenrepo.runs.processes.forked import Forked
from zenrepo.runs.processes.strays import end, strays

GRACE = 10.0
"""Seconds that a step has to end by itself when its time is over, before it is killed."""


_SOON = 0.001
"""Seconds: a socket that waits for none at all says something else."""


class TimeLimit(NamedTuple):
    """How long a step may take from now on.

    Args:
        seconds: infinite for as long as it likes.
        why: what a step that takes longer fails of.
        is_final: whether there is no time for another attempt.
    """

    seconds: float = math.inf
    why: str = ""
    is_final: bool = False


class RunTime:
    """The time that a run has, counted from now.

    Args:
        seconds: 0 for as long as it likes.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds if seconds else math.inf

    @property
    def left(self) -> float:
        """Seconds; 0 where it is over, infinite where there is no limit."""
        return max(0.0, self._until - time.monotonic())

    @property
    def why(self) -> str:
        """What a run fails of whose time is over."""
        return f"the run took longer than its timeout of {duration_text(self._seconds)}"

    def limit(self, step: str, timeout: float) -> TimeLimit:
        """Say how long a step may take that begins now.

        Args:
            step: its name.
            timeout: seconds that it may take in any run; 0 for as long as it likes.
        """
        if timeout and timeout < self.left:
            return TimeLimit(timeout, f"step '{step}' took longer than its timeout of {duration_text(timeout)}")
        return TimeLimit(self.left, f"{self.why}, in step '{step}'", is_final=True)


def ended_late(forked: Forked, limit: TimeLimit) -> bool:
    """Wait for a step's process to end; ask it to when its time is over, and kill it when it does not.

    Args:
        forked: the process, which leads a group of all that it has started.
        limit: its time.

    Returns:
        Whether it took longer; ``forked.status`` says how it ended where it did not.

    Raises:
        EOFError: if the parent ended before the process, and so nobody knows how it ended.
    """
    if forked.ends_within(None if math.isinf(limit.seconds) else max(limit.seconds, _SOON)):
        return False
    daemons = strays(forked.pid)
    _signal(forked, signal.SIGTERM)
    if not forked.ends_within(GRACE):
        _signal(forked, signal.SIGKILL)
    forked.ends_within(None)
    end(daemons)
    return True


def _signal(forked: Forked, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS gives the second for a group of zombies
        os.killpg(forked.pid, number)
