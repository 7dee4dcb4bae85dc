"""Training runs side by side: what was different, and how good the models are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from zenrepo.errors import UnknownName, ZenrepoError
from zenrepo.flows.answers import results
from zenrepo.layout import Layout
from zenrepo.runs.journal import COMPLETE, Run
from zenrepo.runs.named import is_named

MISSING = "-"
"""Stands for a hyperparameter that a run does not have."""

_NONE: Mapping[str, str] = MappingProxyType({})


class TrainingRun(NamedTuple):
    """A run that trained a model or measured something, or should have.

    Args:
        number: of the run.
        pipeline: its name.
        commit: that it executed.
        hyperparameters: of every step, as ``trainer.learning_rate``; a step's own name stands for its version, as
            ``steps.network.Network@<commit>``.
        metrics: what its evaluators measured.
        name: of the run; empty for none.
        settings: what it changed in its pipeline file: pieces of YAML by dotted key.
        state: how it ended, or how far it is.
        captured: whether the commit is a captured working tree.
    """

    number: int
    pipeline: str
    commit: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, float]
    name: str = ""
    settings: Mapping[str, str] = _NONE
    state: str = COMPLETE
    captured: bool = False


def training_runs(layout: Layout, pipeline: str | None = None, name: str | None = None) -> list[TrainingRun]:
    """Give the complete runs that trained a model or measured something, newest first.

    Those whose record is gone are left out.

    Args:
        layout: of the repository.
        pipeline: only those of one pipeline.
        name: only those whose name matches this glob.
    """
    found = []
    names: dict[tuple[str, str], str] = {}
    for run in reversed(results.runs(layout, pipeline)):
        if run.state != COMPLETE or not is_named(run, name):
            continue
        try:
            result = results.read(layout, run)
        except ZenrepoError:
            continue
        run_of_it = _training_run(result, names)
        if run_of_it.metrics or any(step.kind == "trainer" for step in result.plan.steps):
            found.append(run_of_it)
    return found[::-1]


def compared(layout: Layout, runs: Iterable[Run]) -> list[TrainingRun]:
    """Describe some runs, in their order, those that trained nothing or came to no good end too."""
    found = []
    names: dict[tuple[str, str], str] = {}
    for run in runs:
        try:
            found.append(_training_run(results.read(layout, run), names))
        except ZenrepoError:  # it failed before it had a record
            found.append(_described(run, {}, {}))
    return found


def by_metric(runs: Iterable[TrainingRun], metric: str, *, ascending: bool = False) -> list[TrainingRun]:
    """Sort runs by a metric, the largest first; those that do not have it stand at the end.

    Args:
        runs: any.
        metric: its name.
        ascending: whether the smallest stands first.

    Raises:
        UnknownName: if no run has the metric, though there are runs.
    """
    runs = list(runs)
    known = dict.fromkeys(name for run in runs for name in run.metrics)
    if runs and metric not in known:
        hint = f"the metrics are {', '.join(known)}" if known else "no run measured anything"
        raise UnknownName("metric", metric, known, hint)
    having = sorted((run for run in runs if metric in run.metrics), key=lambda run: run.metrics[metric])
    return (having if ascending else having[::-1]) + [run for run in runs if metric not in run.metrics]


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
    return _described(result.run, hyperparameters, metrics)


def _described(run: Run, hyperparameters: dict[str, Any], metrics: dict[str, float]) -> TrainingRun:
    return TrainingRun(
        number=run.number,
        pipeline=run.pipeline,
        commit=run.commit,
        hyperparameters=hyperparameters,
        metrics=metrics,
        name=run.options.name,
        settings=run.options.settings,
        state=run.state,
        captured=run.options.captured,
    )
