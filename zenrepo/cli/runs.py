"""``zenrepo runs``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from zenrepo.cli.output import duration, show, show_json, show_table, when
from zenrepo.cli.watch import finish, show_steps, watch
from zenrepo.errors import UsageError
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.follow import past
from zenrepo.runs.journal import Journal, Run


def runs(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="Show this run.", show_default=False)] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow it, or the newest, to its end.")] = False,
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="List the runs of this pipeline.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="List so many at the most.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the runs of this clone, newest first; show one; or follow one live to its end."""
    layout = locate()
    with Journal(layout.runs_db) as journal:
        if follow:
            wanted = number or _newest(journal)
            watch(layout, journal, wanted)
            finish(journal.run(wanted))
        elif number is not None:
            _show(layout, journal.run(number), as_json=as_json)
        else:
            _list(journal.runs(pipeline, limit), as_json=as_json)


def _newest(journal: Journal) -> int:
    newest = journal.runs(limit=1)
    if not newest:
        raise UsageError("there is no run to follow", "commit a pipeline file, or start one: 'zenrepo run <pipeline>'")
    return newest[0].number


def _list(found: list[Run], *, as_json: bool) -> None:
    if as_json:
        show_json([_plain(run) for run in found])
        return
    rows = ((r.number, r.pipeline, r.commit[:7], r.state, when(r.queued), _took(r), r.reason) for r in found)
    show_table(("run", "pipeline", "commit", "state", "queued", "took", "because"), rows)


def _show(layout: Layout, run: Run, *, as_json: bool) -> None:
    events = past(layout, run.id)
    if as_json:
        show_json({**_plain(run), "events": events})
        return
    show(f"run {run.number} of '{run.pipeline}' at {run.commit[:12]}: {run.state}")
    show_steps(events)
    show(f"details: {layout.run(run.id)}")
    finish(run)


def _took(run: Run) -> str:
    return duration(run.ended - run.started) if run.started and run.ended else ""


def _plain(run: Run) -> dict[str, Any]:
    return {
        "run": run.number,
        "id": run.id,
        "pipeline": run.pipeline,
        "commit": run.commit,
        "state": run.state,
        "reason": run.reason,
        "message": run.message,
        "queued": run.queued,
        "started": run.started,
        "ended": run.ended,
    }
