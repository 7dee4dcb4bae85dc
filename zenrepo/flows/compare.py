"""Training runs side by side: what was different, and how good the models are."""

from __future__ import annotations

from typing import Any, NamedTuple

from zenrepo.errors import ZenrepoError
from zenrepo.flows import results
from zenrepo.layout import Layout
from zenrepo.runs.journal import COMPLETE

MISSING = "-"
"""Stands for a hyperparameter that a run does not have."""


class TrainingRun(NamedTuple):
    """A complete run that trained a model.

    Args:
        number: of the run.
        pipeline: its name.
        commit: that it executed.
        hyperparameters: of every step, as ``trainer.learning_rate``; a step's own name stands for its version, as
            ``steps.network.Network@<commit>``.
        metrics: what its evaluators measured.
    """

    number: int
    pipeline: str
    commit: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, float]


def training_runs(layout: Layout, pipeline: str | None = None) -> list[TrainingRun]:
    """Give the complete runs that trained a model, newest first; those whose record is gone are left out.

    Args:
        layout: of the repository.
        pipeline: only those of one pipeline.
    """
    found = []
    names: dict[tuple[str, str], str] = {}
    for run in reversed(results.runs(layout, pipeline)):
        if run.state != COMPLETE:
            continue
        try:
            result = results.read(layout, run)
        except ZenrepoError:
            continue
        if any(step.kind == "trainer" for step in result.plan.steps):
            found.append(_training_run(result, names))
    return found[::-1]


def differing(runs: list[TrainingRun]) -> dict[str, list[Any]]:
    """Give the hyperparameters that are not the same in all runs, and their values run by run."""
    names = dict.fromkeys(name for run in reversed(runs) for name in run.hyperparameters)
    columns = {name: [run.hyperparameters.get(name, MISSING) for run in runs] for name in names}
    return {name: values for name, values in columns.items() if any(value != values[0] for value in values)}


def _training_run(result: results.Result, names: dict[tuple[str, str], str]) -> TrainingRun:
    """Describe a run; ``names`` has those of the versions so far, as one may be pinned to several commits."""
    hyperparameters: dict[str, Any] = {}
    given = results.hyperparameters(result)
    for step in result.plan.steps:
        own = f"{step.type}@{step.version[:12] if step.version.isalnum() else step.version}"
        hyperparameters[step.name] = names.setdefault((step.type, step.code_digest), own)
        hyperparameters |= {f"{step.name}.{name}": value for name, value in given[step.name].items()}
    metrics = {name: value for facts in result.facts.values() for name, value in facts.get("metrics", {}).items()}
    return TrainingRun(result.run.number, result.run.pipeline, result.run.commit, hyperparameters, metrics)
