"""What runs of a pipeline made: read from the folders of the runs, without ML Metadata or TFX."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from zenrepo.errors import RunFailed, UsageError, ZenrepoError
from zenrepo.layout import Layout
from zenrepo.recorded import CLASS, marked, restored
from zenrepo.runs.journal import COMPLETE, QUEUED, RUNNING, Journal, Run
from zenrepo.runs.plan import Plan
from zenrepo.runs.watching.past import past

NEVER = "not run"
"""The status of a pipeline that has no run."""

MADE_BY = {
    "statistics": "a data step",
    "schema": "a data step",
    "transformed_examples": "a preprocess step",
    "model": "a trainer, or a step that is given a model",
    "evaluation": "an evaluator",
}


class Made(NamedTuple):
    """An artifact of a run.

    Args:
        step: the step that made it, or re-used what an earlier run made.
        name: of the output, such as ``transformed_examples``.
        type: its type in ML Metadata.
        uri: where it is.
        id: in ML Metadata.
    """

    step: str
    name: str
    type: str
    uri: str
    id: int


class Result(NamedTuple):
    """What one run executed and made.

    Args:
        run: from the journal.
        plan: what was executed.
        artifacts: in the order in which they were made; of a run that failed, those that were made before.
        facts: what each step found out, by step.
    """

    run: Run
    plan: Plan
    artifacts: list[Made]
    facts: dict[str, dict[str, Any]]

    def artifact(self, name: str) -> Made:
        """Give the last artifact of a name.

        Raises:
            UsageError: if no step of the run made one.
            ZenrepoError: if its files are gone.
        """
        found = [made for made in self.artifacts if made.name == name]
        if not found:
            raise UsageError(
                f"run {self.run.number} of '{self.run.pipeline}' made no {name}: that takes {MADE_BY[name]}",
                f"it is {self.run.state}, and its steps are {', '.join(step.name for step in self.plan.steps)}",
            )
        if not Path(found[-1].uri).exists():
            raise ZenrepoError(
                f"the {name} that run {self.run.number} of '{self.run.pipeline}' made is gone from '{found[-1].uri}'",
                f"make it again: 'zenrepo run {self.run.pipeline} --at {self.run.commit[:12]}'",
            )
        return found[-1]


def runs(layout: Layout, pipeline: str | None = None, limit: int = -1) -> list[Run]:
    """Give the runs of this clone, newest first; a clone without runs has no journal, and gets none here."""
    if not os.path.exists(layout.runs_db):  # noqa: PTH110  (as everywhere that look-ups pass)
        return []
    with Journal(layout.runs_db) as journal:
        _end_the_dead(layout, journal)
        return journal.runs(pipeline, limit)


def status(layout: Layout, pipeline: str) -> str:
    """Give the state of the newest run of a pipeline; `NEVER` where there is none."""
    return next((run.state for run in runs(layout, pipeline, 1)), NEVER)


def result(layout: Layout, pipeline: str, number: int | None = None) -> Result:
    """Read what a run executed and made.

    Args:
        layout: of the repository.
        pipeline: its name.
        number: of the run; the newest that is complete by default.

    Raises:
        UsageError: if there is no such run of the pipeline, or it has not begun.
        RunFailed: if none is complete and no number is given.
        ZenrepoError: if the run's folder is gone.
    """
    return read(layout, _chosen(runs(layout, pipeline), layout, pipeline, number))


def read(layout: Layout, run: Run) -> Result:
    """Read what a run executed and made; see `result`."""
    folder = layout.run(run.id)
    if run.state == QUEUED:
        raise UsageError(f"run {run.number} of '{run.pipeline}' has not begun", "'zenrepo runs --follow' follows it")
    try:
        plan = Plan.read(folder / "plan.json")
    except FileNotFoundError as error:
        if run.message:
            raise RunFailed(f"run {run.number} of '{run.pipeline}' made nothing: {run.message}") from error
        raise ZenrepoError(f"the record of run {run.number}, '{folder}', is gone", "run the pipeline again") from error
    ended = [event for event in past(layout, run.id) if event["event"] == "step" and "artifacts" in event]
    return Result(
        run,
        plan,
        [Made(event["step"], a["name"], a["type"], a["uri"], a["id"]) for event in ended for a in event["artifacts"]],
        {event["step"]: event.get("facts", {}) for event in ended},
    )


def hyperparameters(found: Result) -> dict[str, dict[str, Any]]:
    """Give the arguments that each step of a run was made with; a class among them is named by its dotted path."""
    return {step.name: {name: _value(value) for name, value in step.args.items()} for step in found.plan.steps}


def _value(value: Any) -> Any:
    tag = marked(value)
    if tag is not None and tag[0] == CLASS:
        return tag[1]
    if isinstance(value, list):
        return [_value(item) for item in value]
    if tag is None and isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    return restored(value, type)  # what is left is a date, or plain


def evaluation(found: Result) -> dict[str, Any]:
    """Read what the evaluator of a run wrote: ``split``, ``metrics``, ``baseline`` and ``slices``."""
    report: dict[str, Any] = json.loads(Path(found.artifact("evaluation").uri, "metrics.json").read_bytes())
    return report


def _chosen(all_runs: list[Run], layout: Layout, pipeline: str, number: int | None) -> Run:
    if number is not None:
        run = next((run for run in all_runs if run.number == number), None)
        if run is None:
            raise UsageError(_not_of(layout, pipeline, number), _which(all_runs, pipeline))
        return run
    ended_well = [run for run in all_runs if run.state == COMPLETE]
    complete = next(
        (run for run in ended_well if not run.options.last), next(iter(ended_well), None)
    )  # whole ones first
    if complete is None and all_runs:
        newest = all_runs[0]
        raise RunFailed(
            f"no run of '{pipeline}' is complete; the newest, {newest.number}, is {newest.state}",
            f"see 'zenrepo runs {newest.number}'; what its steps did make is there with run={newest.number}",
        )
    if complete is None:
        raise UsageError(f"pipeline '{pipeline}' has not run in this clone", _which(all_runs, pipeline))
    return complete


def _not_of(layout: Layout, pipeline: str, number: int) -> str:
    other = next((run.pipeline for run in runs(layout) if run.number == number), None)
    return f"run {number} is of '{other}', not of '{pipeline}'" if other else f"there is no run {number}"


def _which(all_runs: list[Run], pipeline: str) -> str:
    listed = ", ".join(str(run.number) for run in all_runs[:10])
    return f"'{pipeline}' has the runs {listed}" if listed else f"run it: 'zenrepo run {pipeline}'"


def _end_the_dead(layout: Layout, journal: Journal) -> None:
    """End runs whose worker died: nothing says that they run for ever."""
    if not any(run.state == RUNNING for run in journal.runs(limit=50)):
        return
    from filelock import FileLock, Timeout  # noqa: PLC0415  (it brings asyncio in, which costs a look-up 100 ms)

    try:
        with FileLock(layout.worker_lock, timeout=0):
            journal.interrupt_running()
    except Timeout:
        return  # a worker is at work
