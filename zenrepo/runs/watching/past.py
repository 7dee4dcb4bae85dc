"""What a run has reported so far, and how far it is by that."""

from __future__ import annotations

from typing import Any

from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import Run
from zenrepo.runs.watching.progress import progress
from zenrepo.runs.watching.standing import MOVING, Standing
from zenrepo.runs.watching.tail import Tail

Event = dict[str, Any]


def past(layout: Layout, run: str) -> list[Event]:
    """Give the events that a run has reported so far."""
    reported = Tail(layout.run(run) / "events.jsonl")
    found: list[Event] = []
    while lines := reported.lines():
        found += parsed(lines)
    return found


def standing(layout: Layout, run: Run) -> Standing:
    """Say how far a run is, or came."""
    found = Standing.of(past(layout, run.id))
    found.end(run.state)
    for step in found.names(MOVING):
        event = progress(layout.run(run.id), step)
        if event is not None:
            found.take(event)
    return found


def parsed(lines: list[str]) -> list[Event]:
    """Read events from lines; what is none is left out."""
    return [event for event in map(events.read, lines) if event is not None]
