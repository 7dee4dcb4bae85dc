"""``zenrepo impact``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from zenrepo.cli.output import clean, complain, duration, say, show, show_json, show_table
from zenrepo.cli.why import plain
from zenrepo.flows.answers import impact as flow
from zenrepo.flows.answers.impact import Impact, PipelineImpact, StepImpact
from zenrepo.flows.answers.verdicts import Question
from zenrepo.flows.intake.ingest import PUSH
from zenrepo.git import history
from zenrepo.git.locate import locate
from zenrepo.layout import Layout

UNKNOWN = "unknown"


def impact(
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="[REV]",
            help="A commit, A..B, or a tag; what is uncommitted, else HEAD, by default.",
            show_default=False,
        ),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="What a tag of this name at the commit would run.")
    ] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="NAME", help="As if it were on, or pushed to, this branch.")
    ] = None,
    pipeline: Annotated[
        str | None, typer.Option("--pipeline", help="Only this one, and its steps as if run by hand.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which pipelines and steps a commit, tag or push would run, and what is used again; nothing is queued."""
    layout = locate()
    found = flow.impact(layout, revision, pipeline, tag=tag, branch=branch)
    if as_json:
        show_json(_plain(found))
    else:
        show(_subject(layout, found))
        for each in found.pipelines:
            _show(each)
        if not found.pipelines and not found.broken:
            say("there is no pipeline in it")
    errors = (*found.broken, *(p.error for p in found.pipelines if p.error))
    for error in {str(error): error for error in errors}.values():  # the settings stop every pipeline
        complain(error)


def _subject(layout: Layout, found: Impact) -> str:
    old = f" against {found.old[:12]}" if found.old else ""
    if not found.new:
        return f"what is uncommitted{old}"
    subject = clean(history.subjects(layout.root, [found.new]).get(found.new, ""))
    return f"{_event(found.asked)}commit {found.new[:12]} {subject}{old}"


def _event(asked: Question) -> str:
    if asked.tag:
        return f"tag {clean(asked.tag)} at "
    return f"push to {clean(asked.branch or 'no branch')}: " if asked.event == PUSH else ""


def _show(found: PipelineImpact) -> None:
    runs = "cannot run" if found.error else "runs" if found.runs else "does not run"
    show(f"\npipeline '{clean(found.pipeline)}' {runs}: {clean(found.reason)}")
    if not found.steps:
        return
    rows = ((s.step, _fate(s), _took(s.seconds), _because(s)) for s in found.steps)
    show_table(("step", "", "took last", "because"), rows)
    running = [s.seconds for s in found.steps if s.runs]
    known = [seconds for seconds in running if seconds is not None]
    rest = len(running) - len(known)
    steps = "step" if len(running) == 1 else "steps"
    unknown = f", and {rest} of {UNKNOWN} length" if rest else ""
    took = f": {duration(sum(known))}{unknown}" if known or not rest else f", of {UNKNOWN} length"
    show(f"{len(running)} {steps} to run{took}")


def _fate(found: StepImpact) -> str:
    return "runs" if found.runs else f"run {found.run} used again"


def _because(found: StepImpact) -> str:
    since = f"; since run {found.run}" if found.runs and found.run else ""
    return "; ".join(cause.text for cause in found.causes) + since


def _took(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else duration(seconds)


def _plain(found: Impact) -> dict[str, Any]:
    return {
        "event": found.asked.event,
        "tag": found.asked.tag or None,
        "branch": found.asked.branch,
        "old": found.old or None,
        "new": found.new or None,
        "pipelines": [
            {
                "pipeline": p.pipeline,
                "runs": p.runs,
                "reason": p.reason,
                "when": p.when,
                "error": p.error.message if p.error else None,
                "steps": [{**s._asdict(), "causes": [plain(cause) for cause in s.causes]} for s in p.steps],
            }
            for p in found.pipelines
        ],
    }
