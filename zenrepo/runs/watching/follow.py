"""Follow a run: its events as they come, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import ENDED, QUEUED, RUNNING, Journal, Run
from zenrepo.runs.processes.worker_start import start_worker
from zenrepo.runs.watching.past import parsed
from zenrepo.runs.watching.progress import progress
from zenrepo.runs.watching.tail import Tail, attempt_log

_PAUSE = 0.2
_CHECK_EVERY = 25
"""Pauses between two looks at whether the worker still lives."""

Event = dict[str, Any]


def follow(layout: Layout, journal: Journal, number: int, *, logs: bool = False) -> Iterator[Event]:
    """Give the events of a run, from its beginning to its end.

    A run that waits gets a worker where there is none; one whose worker died is ended as interrupted.

    Args:
        layout: of the repository.
        journal: where the run's state is.
        number: the run's number.
        logs: whether what the steps print is told, too.

    Yields:
        Each event; see `zenrepo.runs.events`. The last is the run's end.
    """
    folder = layout.run(journal.run(number).id)
    reported, running, place = Tail(folder / "events.jsonl"), _Running(folder, logs=logs), _Place()
    pauses = 0
    while True:
        journal.follow()
        run = journal.run(number)
        yield from place.news(journal, run)
        for event in parsed(reported.lines()):
            yield from running.take(event)
        yield from running.news()
        if run.state in ENDED:
            yield _end(run)
            return
        pauses += 1
        if pauses % _CHECK_EVERY == 0:
            _see_to_worker(layout, journal, number)
        time.sleep(_PAUSE)


class _Running:
    """The steps that run: how far each is, and what it prints."""

    def __init__(self, folder: Path, *, logs: bool) -> None:
        self._folder, self._wants_logs = folder, logs
        self._progress: dict[str, Event | None] = {}
        self._logs: dict[str, Tail] = {}

    def take(self, event: Event) -> Iterator[Event]:
        """Hand on an event; the end of a step comes behind all that the step printed."""
        if event["event"] == "step":
            step = event["step"]
            if event["state"] == "running":
                self._progress[step] = None
                self._logs[step] = Tail(self._folder / f"{step}.log")
            elif self._progress.pop(step, self) is not self:
                log = self._logs.pop(step)
                if event["state"] == events.RETRYING:
                    log.moved(attempt_log(self._folder, step, event["attempt"]))
                yield from self._printed(step, log, ended=True)
        yield event

    def news(self) -> Iterator[Event]:
        """Give what is new of the steps that run."""
        for step, last in self._progress.items():
            yield from self._printed(step, self._logs[step])
            event = progress(self._folder, step)
            if event is not None and event != last:
                self._progress[step] = event
                yield event

    def _printed(self, step: str, log: Tail, *, ended: bool = False) -> Iterator[Event]:
        if self._wants_logs:
            while lines := log.lines(ended=ended):
                for line in lines:
                    yield events.now("log", step=step, text=line)


class _Place:
    """Where a run that waits stands in the queue."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}

    def news(self, journal: Journal, run: Run) -> Iterator[Event]:
        """Say it where it has changed."""
        if run.state != QUEUED:
            return
        running = [{"run": other.number, "pipeline": other.pipeline} for other in journal.runs(state=RUNNING)]
        place = journal.place(run.number)
        said = {"run": run.number, "place": place, "running": running}
        if place and said != self._last:  # without a place it was taken a moment ago
            self._last = said
            yield events.now("queued", **said)


def _end(run: Run) -> Event:
    seconds = round(run.ended - run.started, 3) if run.started and run.ended else 0.0
    return events.now("end", run=run.number, state=run.state, message=run.message, seconds=max(0.0, seconds))


def _see_to_worker(layout: Layout, journal: Journal, number: int) -> None:
    from filelock import FileLock, Timeout  # noqa: PLC0415  (it brings asyncio in, which costs a look-up 100 ms)

    try:
        journal.interrupt_dead()
        with FileLock(layout.worker_lock, timeout=0):
            journal.interrupt_running()
    except Timeout:
        return  # a worker is at work
    if journal.run(number).state == QUEUED:
        start_worker(layout)
