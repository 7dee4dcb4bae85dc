"""Why a step ran again whose plan and inputs are as they were: what no plan shows."""

from __future__ import annotations

from typing import Any

from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.past_runs import PastRun
from zenrepo.flows.planning.wiring import Node
from zenrepo.runs.plan import PlannedStep
from zenrepo.steps.evaluator.thresholds import compares

BASELINE = "baseline"
"""The argument of an evaluator that names what it compares to, and the fact that says what that was."""


def unseen(run: PastRun, node: Node, last: PastRun) -> Cause:
    """Say why a step ran again.

    Args:
        run: that it ran in.
        node: the step.
        last: an earlier run, in which its plan and its inputs were the same.
    """
    return lost(last, node.name, is_unknown=last.is_unknown_to(run)) or _late(run, node, last) or _damaged(last)


def lost(last: PastRun, step: str, *, is_unknown: bool) -> Cause | None:
    """Say why nobody finds what an earlier run had; ``None`` where it is there.

    Args:
        last: the earlier run.
        step: the name of the step.
        is_unknown: whether the metadata store has no record of that run.
    """
    if not last.is_there(step):
        return Cause("lost", f"what run {last.run.number} had is gone from the artifact store")
    if is_unknown:
        return Cause("lost", f"the metadata store has no record of run {last.run.number}")
    return None


def _late(run: PastRun, node: Node, last: PastRun) -> Cause | None:
    """Say what of the cache key of some steps is looked up only when it is their turn, and may be the cause."""
    if node.kind == "deployer":
        return Cause("other", "another model serves there now, or the deployed one is gone")
    if node.kind != "evaluator" or not _compares(node.step):
        return None
    old, new = (each.facts(node.name).get(BASELINE) for each in (last, run))
    if old is None or new is None:  # a run that failed, or one of an earlier release
        return Cause("other", "the model that it compares to is another one")
    if old == new:
        return None
    before, now = _model(old), _model(new)
    return Cause("other", f"the model that it compares to: {before} -> {now}", [], before, now)


def _compares(step: PlannedStep | None) -> bool:
    return step is not None and bool(step.args.get(BASELINE) or compares(step.args.get("thresholds")))


def _model(origin: Any) -> str:
    """Name a model by what an evaluator says of where it comes from."""
    if not isinstance(origin, dict):
        return "none yet"
    return f"that of run {origin['run']}" if origin.get("run") else f"'{origin.get('model', '')}'"


def _damaged(last: PastRun) -> Cause:
    return Cause("lost", f"what run {last.run.number} had is not as it was written")
