"""How far a run is: its events, summed up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from zenrepo.runs.events import RETRYING
from zenrepo.runs.journal import CANCELED, ENDED, INTERRUPTED

WAITING, MOVING = "waiting", "running"
FAILED, STOPPED = "failed", "stopped"
DONE = ("complete", "cached")

Event = dict[str, Any]


@dataclass
class Standing:
    """How far a run is.

    Args:
        steps: the newest event of each step, by its name, in the order in which they stand in the pipeline.
        progress: how far each running step is, that says so.
        began: by step, the first thing that it said of how far it is, in the phase that it is in.
        queued: where the run stands in the queue, while it waits.
    """

    steps: dict[str, Event] = field(default_factory=dict)
    progress: dict[str, Event] = field(default_factory=dict)
    began: dict[str, Event] = field(default_factory=dict)
    queued: Event | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Standing:
        """Sum up events."""
        standing = cls()
        for event in events:
            standing.take(event)
        return standing

    def take(self, event: Event) -> None:
        """Take in one event."""
        self.queued = event if event["event"] == "queued" else None
        if event["event"] == "run":
            for step in event.get("steps", []):
                self.steps[step["name"]] = {"event": "step", "step": step["name"], "state": WAITING}
        elif event["event"] == "step":
            self.steps[event["step"]] = event
            if event["state"] == MOVING:  # perhaps another attempt
                self.progress.pop(event["step"], None)
                self.began.pop(event["step"], None)
        elif event["event"] == "progress":
            before = self.progress.get(event["step"])
            if before is None or before["unit"] != event["unit"] or before["done"] > event["done"]:
                self.began[event["step"]] = event  # it counts something else now, or begins anew
            self.progress[event["step"]] = event
        elif event["event"] == "end":
            self.end(event["state"])

    def end(self, state: str) -> None:
        """Take in how the run ended: a step that had not is `STOPPED`, and so is one that ended because the run did.

        Args:
            state: of the run; nothing is done where it has not ended.
        """
        self.steps = {name: ended(step, state) for name, step in self.steps.items()}

    def names(self, *states: str) -> list[str]:
        """Name the steps that are in one of some states."""
        return [name for name, step in self.steps.items() if step["state"] in states]

    def rate(self, step: str) -> float | None:
        """Say how much a running step does in a second; ``None`` as long as that cannot be told."""
        first, last = self.began.get(step), self.progress.get(step)
        if not first or not last or last["time"] - first["time"] < 1:
            return None
        rate: float = (last["done"] - first["done"]) / (last["time"] - first["time"])
        return max(0.0, rate)

    def plain(self) -> dict[str, Any]:
        """Give it as what JSON can hold: how many steps there are, and which."""
        return {
            "steps": len(self.steps),
            "done": len(self.names(*DONE)),
            "cached": len(self.names("cached")),
            "running": self.names(MOVING),
            "failed": self.names(FAILED),
            "stopped": self.names(STOPPED),
        }


def ended(step: Event, state: str) -> Event:
    """Give the newest event of a step as its run's end makes it.

    Args:
        step: the event.
        state: of the run.
    """
    left = state in ENDED and step["state"] in (MOVING, RETRYING)
    return {**step, "state": STOPPED} if left or was_stopped(step, state) else step


def was_stopped(step: Event, state: str) -> bool:
    """Say whether a step that failed did so because its run was stopped: an error of its own has a frame.

    Args:
        step: its newest event.
        state: of the run.
    """
    return step["state"] == FAILED and state in (CANCELED, INTERRUPTED) and "frame" not in step.get("error", {})
