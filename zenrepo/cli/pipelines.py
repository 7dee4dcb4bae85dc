"""``zenrepo pipelines``."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from zenrepo.cli.output import complain, say, show, show_json, show_table
from zenrepo.cli.status import NO_WORKER
from zenrepo.flows.intake.schedule import upcoming
from zenrepo.flows.planning.listing import listing, pipeline_file
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import PipelineFile, write
from zenrepo.repo import Repository
from zenrepo.runs.journal import Run
from zenrepo.runs.processes.staying import staying


def pipelines(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Show this one.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the pipeline files of the working tree with their triggers and last runs, or show one."""
    repository = Repository.get_instance()
    if name is not None:
        _show(pipeline_file(repository.layout, name), as_json=as_json)
        _say_due(repository.layout, name)
        return
    found, broken = listing(repository.layout)
    last: dict[str, Run] = {}
    for run in repository.runs():
        last.setdefault(run.pipeline, run)
    if as_json:
        show_json([_plain(pipeline, last.get(pipeline.name)) for pipeline in found.values()])
    else:
        rows = ((p.name, p.kind, _trigger(p), len(p.steps), _last(last.get(p.name))) for p in found.values())
        show_table(("pipeline", "kind", "runs on", "steps", "last run"), rows)
    for error in broken.values():
        complain(error)


def _show(pipeline: PipelineFile, *, as_json: bool) -> None:
    if as_json:
        show_json(_plain(pipeline, None))
    else:
        show(write(pipeline).rstrip("\n"))


def _trigger(pipeline: PipelineFile) -> str:
    trigger = pipeline.trigger
    on = f" on {', '.join(trigger.branches)}" if trigger.branches else ""
    paths = f", paths {', '.join(trigger.paths)}" if trigger.paths else ""
    tags = f", tags {', '.join(trigger.tags)}" if trigger.tags else ""
    times = f", at {trigger.schedule}" if trigger.schedule else ""
    return ", ".join(trigger.on) + on + paths + tags + times


def _say_due(layout: Layout, name: str) -> None:
    """Say when a pipeline runs next, and whether somebody is there to start it."""
    due = [str(due) for due in upcoming(layout, time.time()) if due.pipeline == name]
    if due:
        say(f"due: {', '.join(due)}" + ("" if staying(layout) else f"; {NO_WORKER}"))


def _last(run: Run | None) -> str:
    return f"{run.number}: {run.state} at {run.commit[:7]}" if run else ""


def _plain(pipeline: PipelineFile, last: Run | None) -> dict[str, object]:
    return {
        "name": pipeline.name,
        "kind": pipeline.kind,
        "on": pipeline.trigger.on,
        "branches": pipeline.trigger.branches,
        "paths": pipeline.trigger.paths,
        "tags": pipeline.trigger.tags,
        "schedule": pipeline.trigger.schedule,
        "timezone": pipeline.trigger.timezone,
        "steps": {name: {"type": entry.type, "args": entry.args} for name, entry in pipeline.steps.items()},
        "last_run": last.number if last else None,
    }
