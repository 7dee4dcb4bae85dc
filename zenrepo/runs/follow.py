"""Follow a run: its events as they come, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import ENDED, QUEUED, Journal
from zenrepo.runs.launch import start_worker

_PAUSE = 0.2
_CHECK_EVERY = 25
"""Pauses between two looks at whether the worker still lives."""


def follow(layout: Layout, journal: Journal, number: int) -> Iterator[dict[str, Any]]:
    """Give the events of a run, from its beginning to its end.

    A run that waits gets a worker where there is none; one whose worker died is ended as interrupted.

    Args:
        layout: of the repository.
        journal: where the run's state is.
        number: the run's number.

    Yields:
        Each event; see `zenrepo.runs.events`.
    """
    path = layout.run(journal.run(number).id) / "events.jsonl"
    at = 0
    pauses = 0
    while True:
        ended = journal.run(number).state in ENDED
        lines, at = _new_lines(path, at)
        for line in lines:
            event = events.read(line)
            if event is not None:
                yield event
        if ended:
            return
        pauses += 1
        if pauses % _CHECK_EVERY == 0:
            _see_to_worker(layout, journal, number)
        time.sleep(_PAUSE)


def past(layout: Layout, run: str) -> list[dict[str, Any]]:
    """Give the events that a run has reported so far."""
    lines, _ = _new_lines(layout.run(run) / "events.jsonl", 0)
    return [event for event in map(events.read, lines) if event is not None]


def _new_lines(path: Any, at: int) -> tuple[list[str], int]:
    """Read the whole lines behind a position."""
    try:
        with path.open("rb") as stream:
            stream.seek(at)
            text = stream.read()
    except FileNotFoundError:
        return [], at
    whole = text[: text.rfind(b"\n") + 1]
    return whole.decode("utf-8", "replace").splitlines(), at + len(whole)


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
