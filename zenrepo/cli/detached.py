"""``python -m zenrepo.cli.detached ROOT``: the worker that a commit starts, and that waits a while for the next one."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from zenrepo.flows.intake.postponed import postponed
from zenrepo.git.command import clean_environment
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.runs.processes.bell import Bell
from zenrepo.runs.processes.forked import warm_up
from zenrepo.runs.processes.parents import LIGHT, Parents
from zenrepo.runs.processes.short_log import shorten

IDLE = "ZENREPO_WORKER_IDLE"
"""Says for scripts, in place of the user's settings, how long a worker waits for more."""


def main(root: str) -> None:
    """Execute what is queued, and what is queued while the worker waits for more; one worker a clone.

    Args:
        root: the folder that holds ``.zenml/``.
    """
    signal.signal(signal.SIGTERM, _stop)
    layout = locate(Path(root))
    layout.private.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            with FileLock(layout.private / "detached.lock", timeout=0):
                again = _work(layout)
        except Timeout:
            return  # the other one looks again when it has let go of the lock
        if again is not None:
            command = [sys.executable, "-W", "ignore", "-m", "zenrepo.cli.detached", root]
            os.execve(sys.executable, command, again)  # noqa: S606  (no shell)
        if not _is_waiting(layout):
            return


def _work(layout: Layout) -> dict[str, str] | None:
    """Be the worker.

    Returns:
        Where something was installed or changed since this process began, the variables to begin anew with.
    """
    shorten(layout.worker_log)
    with Parents(layout.private, clean_environment()) as parents, Bell(layout, parents.folder) as bell:
        warm_up(parents.addresses[LIGHT].socket)  # it imports on another core, while this process does
        from zenrepo.flows.execution.linger import linger  # noqa: PLC0415  (see the line above)

        if not linger(layout, parents, bell, os.environ.get(IDLE)):
            return None
        return dict(bell.last() or os.environ)


def _is_waiting(layout: Layout) -> bool:
    if not layout.runs_db.exists():
        return False
    with Journal(layout.runs_db) as journal:
        return journal.is_waiting() or bool(postponed(layout))


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Stop the run first; the second time, at once."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main(sys.argv[1])
