"""What earlier runs of a pipeline executed and made, read from their folders, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from os.path import relpath
from pathlib import Path
from typing import Any

from zenrepo.errors import ZenrepoError
from zenrepo.flows.answers import results
from zenrepo.flows.planning.wiring import MODEL, Node, makers, nodes_of
from zenrepo.layout import Layout
from zenrepo.runs.journal import Run
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.runs.watching.past import past
from zenrepo.runs.watching.standing import ended

LOOKED_AT = 200
"""Runs of a pipeline that are looked at: what was made before them is seldom the newest of its kind."""

MADE, USED_AGAIN = "complete", "cached"


class PastRun:
    """A run whose record is still there.

    Args:
        run: from the journal.
        plan: what was executed.
        events: what it reported.
    """

    def __init__(self, run: Run, plan: Plan, events: list[dict[str, Any]]) -> None:
        self.run = run
        self.plan = plan
        self.nodes: list[dict[str, str]] = next((e["steps"] for e in events if e.get("steps")), [])
        self._last = {e["step"]: e for e in events if e.get("event") == "step"}

    @cached_property
    def steps(self) -> dict[str, PlannedStep]:
        """The planned steps by name."""
        return {step.name: step for step in self.plan.steps}

    @property
    def release(self) -> str:
        """The release of zenrepo that executed it, as a pin names it; empty where nothing of the run tells."""
        if self.plan.release:
            return self.plan.release
        shipped = (s.version for s in self.plan.steps if s.type.startswith("zenrepo.") and s.version)
        return next(shipped, "")

    def runs_anew(self, step: str) -> bool:
        """Say whether a step was to run, whatever could be used again."""
        return not self.plan.cache and step not in self.plan.before_first(node["name"] for node in self.nodes)

    def state(self, step: str) -> str:
        """How far a step came; empty where nothing was reported of it."""
        return str(ended(self._last[step], self.run.state)["state"]) if step in self._last else ""

    def seconds(self, step: str) -> float | None:
        """How long a step took; ``None`` where that was not reported."""
        return self._last.get(step, {}).get("seconds")

    def artifacts(self, step: str) -> frozenset[str]:
        """The URIs of the artifacts that a step made or used again; none where it came to no good end."""
        return frozenset(artifact["uri"] for artifact in self._last.get(step, {}).get("artifacts", ()))

    @cached_property
    def sources(self) -> dict[str, dict[str, str]]:
        """By the name of each step, the names of those that gave its inputs, by input."""
        nodes = [Node(node["name"], node["kind"], self.steps.get(node["name"])) for node in self.nodes]
        return makers(nodes or nodes_of(self.plan.steps))

    def taken(self, step: str) -> dict[str, frozenset[str]]:
        """What a step took, by input: the URIs of all artifacts of the step that gave it."""
        return {key: self.artifacts(maker) for key, maker in self.sources.get(step, {}).items()}

    def facts(self, step: str) -> dict[str, Any]:
        """What a step found out, or whoever made what it used again; nothing where it came to no good end."""
        return dict(self._last.get(step, {}).get("facts") or {})

    @cached_property
    def executions(self) -> list[int]:
        """The ids of its executions in ML Metadata."""
        return [event["execution"] for event in self._last.values() if event.get("execution")]

    def is_unknown_to(self, later: PastRun) -> bool:
        """Say whether the metadata store of a later run has no record of this one: it is another, or began anew.

        A store numbers its executions in their order, and begins with 1.
        """
        if not self.is_recorded_in(later.plan):
            return True
        return bool(self.executions and later.executions) and max(self.executions) >= min(later.executions)

    def is_recorded_in(self, plan: Plan) -> bool:
        """Say whether the metadata store of a plan is the one of this run, which may stand elsewhere since."""
        old, new = self.plan, plan
        if old.metadata_store == new.metadata_store:
            return True
        places = [relpath(each.metadata_store, each.repository) for each in (old, new)]
        return places[0] == places[1] and not Path(old.metadata_store).exists()  # the repository was moved

    def is_there(self, step: str) -> bool:
        """Say whether the files of a step's artifacts still exist."""
        return all(Path(artifact["uri"]).exists() for artifact in self._last.get(step, {}).get("artifacts", ()))


def brought_in(steps: list[PlannedStep]) -> dict[str, tuple[str, str]]:
    """Say which models a plan brings in from outside.

    Args:
        steps: of the plan.

    Returns:
        By the name of the node that brings a model in: what the step behind it calls it, and the digest of its files
        where the repository has them, else nothing.
    """
    found = {}
    for node, user in pairwise(nodes_of(steps)):
        if node.kind == MODEL and user.step:
            file = user.step.inputs.get(node.model)
            found[node.name] = node.model, file.digest if file else ""
    return found


def read(layout: Layout, run: Run) -> PastRun:
    """Read one run.

    Raises:
        ZenrepoError: if it has not begun, or its record is gone.
    """
    return PastRun(run, results.read(layout, run).plan, past(layout, run.id))


class History:
    """The runs of a pipeline before some run, the newest first, each read once it is asked for.

    Args:
        layout: of the repository.
        pipeline: its name.
        before: the number of the run; all runs by default.
    """

    def __init__(self, layout: Layout, pipeline: str, before: int | None = None) -> None:
        found = results.runs(layout, pipeline, -1 if before else LOOKED_AT)
        self._layout = layout
        self._runs = [run for run in found if before is None or run.number < before][:LOOKED_AT]
        self._read: list[PastRun] = []

    def __iter__(self) -> Iterator[PastRun]:
        yield from self._read
        while self._runs:
            try:
                self._read.append(read(self._layout, self._runs.pop(0)))
            except (ZenrepoError, OSError, ValueError, KeyError, TypeError):  # no record, or one of another release
                continue
            yield self._read[-1]

    def done(self, step: str) -> PastRun | None:
        """Give the newest run in which a step came to a good end."""
        return next((run for run in self if run.state(step) in (MADE, USED_AGAIN)), None)

    def made(self, step: str, artifacts: frozenset[str] | None = None) -> PastRun | None:
        """Give the newest run in which a step was made, and made these artifacts where some are given."""
        return next(
            (r for r in self if r.state(step) == MADE and (artifacts is None or r.artifacts(step) == artifacts)), None
        )
