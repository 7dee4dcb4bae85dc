"""The worker that stays: it executes what is queued, and queues what is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from filelock import FileLock, Timeout

from zenrepo.errors import Locked, ZenrepoError
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.work import is_waiting, work
from zenrepo.flows.intake.ingest import Ingested
from zenrepo.flows.intake.schedule import Scheduled, queue_due, scheduled
from zenrepo.git.refs import look
from zenrepo.layout import Layout
from zenrepo.runs.processes.staying import stays

_PAUSE = 1.0
_LOOK = 10.0
"""Seconds after which the branches are looked at again, for pipelines that run at set times."""

Tell = Callable[[str], None]


def stay(layout: Layout, tell: Tell, crew: Crew) -> None:
    """Execute what is queued and queue what is due, until this process is told to end.

    Args:
        layout: of the repository.
        tell: is told in a line what happens.
        crew: what works for the worker.

    Raises:
        Locked: where a worker stays already.
    """
    layout.private.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(layout.private / "staying.lock", timeout=0), stays(layout) as beat:
            schedules = Schedules(layout, tell)

            def look() -> None:
                beat()
                schedules.look(time.time())

            with beside(look) as looking:
                while not looking.done():
                    if is_waiting(layout):
                        work(layout, tell, crew)
                    else:
                        crew.save_memory()
                    time.sleep(_PAUSE)
                looking.result()
    except Timeout as error:
        raise Locked(f"a worker stays for '{layout.folder}' already", "one is enough: end that one first") from error


@contextmanager
def beside(look: Callable[[], None]) -> Iterator[Future[None]]:
    """Look at something every second in a thread, however long this one works.

    Args:
        look: does so.

    Yields:
        What is done when ``look`` has raised something.
    """
    ended = Event()

    def go_on() -> None:
        look()
        while not ended.wait(_PAUSE):
            look()

    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(go_on)
        finally:
            ended.set()


class Schedules:
    """What is to run at set times, as the branches have it.

    Args:
        layout: of the repository.
        tell: is told in a line what is queued, and what is not and why.
    """

    def __init__(self, layout: Layout, tell: Tell) -> None:
        self._layout = layout
        self._tell = tell
        self._looked = float("-inf")
        self._heads: object = None
        self._found: list[Scheduled] = []

    def look(self, now: float) -> None:
        """Queue what is due.

        Args:
            now: seconds since 1970.
        """
        try:
            self._refresh()
            for came in queue_due(self._layout, self._found, now):
                self._say(came)
        except Locked:
            pass  # it is due in a moment still
        except ZenrepoError as error:
            self._tell(f"nothing can be queued at its time: {error}")

    def _refresh(self) -> None:
        """Read the pipeline files again where a branch has moved."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked = time.monotonic()
        heads = look(self._layout.folder, self._layout.git_folder)
        if heads != self._heads:
            self._found, self._heads = scheduled(self._layout), heads

    def _say(self, came: Ingested) -> None:
        for run in came.runs:
            self._tell(f"queued run {run.number} of '{run.pipeline}' at {run.commit[:7]} ({run.reason})")
        for error in came.broken:
            self._tell(f"no run is queued: {error}")
