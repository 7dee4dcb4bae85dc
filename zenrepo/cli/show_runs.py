"""What ``zenrepo runs`` lists; a look-up, so it imports next to nothing."""

from __future__ import annotations

from itertools import islice

from zenrepo.cli import wishes
from zenrepo.cli.output import commit_name, duration, say, show_json, show_table, when
from zenrepo.errors import UsageError, did_you_mean
from zenrepo.flows.lookup import commit_of
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import STATES, Journal, Run
from zenrepo.runs.named import is_named
from zenrepo.runs.watching.dead import notice_dead
from zenrepo.runs.watching.past import standing
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # importing it costs as much as git
    from typing import Any


def show_runs(
    *,
    pipeline: str | None = None,
    name: str | None = None,
    state: str | None = None,
    commit: str | None = None,
    limit: int | str = 50,
    as_json: bool = False,
) -> None:
    """List runs, newest first; the arguments are the command's options."""
    most = int(limit)
    if most < 1:
        raise ValueError(limit)  # on the short way; the long one says it in words
    layout = locate()
    if state is not None and state not in STATES:
        raise UsageError(f"no run is ever '{state}'", did_you_mean(state, STATES) or f"give one of {', '.join(STATES)}")
    with journal_of(layout) as journal:
        runs = journal.runs(pipeline, -1 if name else most, state, commit_of(layout, commit) if commit else None)
        found = list(islice((run for run in runs if is_named(run, name)), most))
        any_there = bool(found or journal.runs(limit=1))
        untold = journal.untold(found[-1].number) if found else []
    far = {run.number: standing(layout, run).plain() for run in found}
    if as_json:
        show_json([{**plain(run), "steps": far[run.number]} for run in found])
        return
    names = {"name": [run.options.name for run in found]} if any(run.options.name for run in found) else {}
    rows = (
        (r.number, r.pipeline, commit_name(r), r.state, when(r.queued), _took(r), _far(far[r.number]), r.reason)
        for r in found
    )
    columns = ("run", "pipeline", "commit", "state", "queued", "took", "steps", "because", *names)
    show_table(columns, ((*row, *own) for row, *own in zip(rows, *names.values(), strict=True)))
    if not any_there:
        say("there is no run yet: commit a pipeline file, or start one: 'zenrepo run <pipeline>'")
    if untold:  # the worker's next moment, or settings that nobody can read
        from zenrepo.flows.answers.troubles import unread_settings  # noqa: PLC0415  (it brings YAML in)

        for text in unread_settings(layout):
            say(text)


def plain(run: Run) -> dict[str, Any]:
    """Give a run as what JSON can hold."""
    return {
        "run": run.number,
        "id": run.id,
        "pipeline": run.pipeline,
        "commit": run.commit,
        "captured": run.options.captured,
        **wishes.plain(run.options),
        "state": run.state,
        "reason": run.reason,
        "message": run.message,
        "queued": run.queued,
        "started": run.started,
        "ended": run.ended,
    }


def journal_of(layout: Layout) -> Journal:
    """Open the journal, after runs whose worker is dead were ended."""
    journal = Journal(layout.runs_db)
    notice_dead(layout, journal)
    return journal


def _took(run: Run) -> str:
    return duration(max(0.0, run.ended - run.started)) if run.started and run.ended else ""


def _far(far: dict[str, Any]) -> str:
    """Say how far a run is, or came: ``3 of 6, trainer``, or ``6, 4 cached``."""
    if not far["steps"]:
        return ""
    done = str(far["steps"]) if far["done"] == far["steps"] else f"{far['done']} of {far['steps']}"
    cached = [f"{far['cached']} cached"] if far["cached"] else []
    ended = [f"{name} {state}" for state in ("failed", "stopped") for name in far[state]]
    return ", ".join([done, *cached, *far["running"], *ended])
