"""What a worker does beside a run: it says that it lives, and stops the run when nobody wants it any more."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from zenrepo.errors import ZenrepoError
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
    watch = _Watch(number, superseded)
    while not ended.wait(_PAUSE):
        # on a disk that is full, or a journal that is held or damaged, the next look does better
        with suppress(ZenrepoError, sqlite3.Error), Journal(path) as journal:
            watch.look(journal)
        if watch.is_over:
            end_group(process, signal.SIGTERM)
            if not ended.wait(GRACE):
                end_group(process, signal.SIGKILL)
            return


class _Watch:
    """What is looked at again and again.

    Attributes:
        is_over: whether nobody wants the run any more.
    """

    def __init__(self, number: int, superseded: Callable[[Journal], str]) -> None:
        self.is_over = False
        self._number, self._superseded = number, superseded
        self._beat = time.monotonic()

    def look(self, journal: Journal) -> None:
        """Ask whether the run is wanted, and say that the worker lives."""
        self.is_over = bool(journal.wanted(self._number))
        if time.monotonic() - self._beat > _BEAT:
            journal.beat(self._number)
            self._beat = time.monotonic()
        if not self.is_over and (why := self._superseded(journal)):
            self.is_over = True
            journal.cancel(self._number, why)
