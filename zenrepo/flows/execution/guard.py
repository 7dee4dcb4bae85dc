"""What a worker does beside a run: it says that it lives, and stops the run when nobody wants it any more."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from zenrepo.runs.journal import Journal
from zenrepo.runs.processes.launch import GRACE, Process, end_group

_PAUSE = 0.5
_BEAT = 10.0


@contextmanager
def guard(path: Path, number: int, superseded: Callable[[Journal], str], process: Process) -> Iterator[None]:
    """Watch over a run from a thread.

    Args:
        path: of the journal.
        number: the run's number.
        superseded: why newer runs make this one needless; empty where they do not.
        process: of the run.
    """
    ended = Event()
    thread = Thread(target=_watch, args=(path, number, superseded, process, ended), daemon=True)
    with Journal(path) as journal:
        journal.launched(number, process.pid)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(path: Path, number: int, superseded: Callable[[Journal], str], process: Process, ended: Event) -> None:
    beat = time.monotonic()
    with Journal(path) as journal:
        while not ended.wait(_PAUSE):
            if time.monotonic() - beat > _BEAT:
                journal.beat(number)
                beat = time.monotonic()
            why = journal.wanted(number)
            if not why and (why := superseded(journal)):
                journal.cancel(number, why)
            if why:
                end_group(process, signal.SIGTERM)
                if not ended.wait(GRACE):
                    end_group(process, signal.SIGKILL)
                return
