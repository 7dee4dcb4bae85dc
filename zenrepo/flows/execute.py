"""Execute queued runs, one after the other."""

from __future__ import annotations

import shutil
import traceback
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zenrepo.datasource_files.file import name_of
from zenrepo.datasource_files.keep import keep
from zenrepo.errors import ZenrepoError
from zenrepo.flows.postponed import postponed, settle
from zenrepo.flows.resolve import resolve
from zenrepo.layout import Layout
from zenrepo.runs.journal import COMPLETE, FAILED, INTERRUPTED, Journal, Run
from zenrepo.runs.launch import run_plan

_HANDOVER = 10
"""Seconds that a new worker waits for an old one that may be about to end."""


def work(layout: Layout) -> int:
    """Execute what is queued until nothing is left.

    One worker a clone: a second one waits a moment, in case the first is about to end, and leaves the queue to it.

    Args:
        layout: of the repository.

    Returns:
        How many runs were executed.
    """
    layout.private.mkdir(parents=True, exist_ok=True)
    done = 0
    with Journal(layout.runs_db) as journal:
        while True:
            try:
                with FileLock(layout.worker_lock, timeout=_HANDOVER):
                    done += _work_off(layout, journal)
            except Timeout:
                return done
            if not (journal.is_waiting() or postponed(layout)):  # what came while the lock was held has no other worker
                return done


def _work_off(layout: Layout, journal: Journal) -> int:
    journal.interrupt_running()
    done = 0
    while run := _next(layout, journal):
        execute(layout._replace(folder=run.root), journal, run)
        done += 1
    shutil.rmtree(layout.tree("x").parent, ignore_errors=True)
    return done


def _next(layout: Layout, journal: Journal) -> Run | None:
    """Start the run that waits longest, after the commits that wait have queued theirs."""
    settle(layout)
    return journal.take()


def execute(layout: Layout, journal: Journal, run: Run) -> None:
    """Execute one run, whatever comes of it.

    Args:
        layout: of the repository.
        journal: where its end is written.
        run: a run that the journal has started.
    """
    folder = layout.run(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    made: dict[str, dict[str, Any]] = {}

    def report(event: dict[str, Any]) -> None:
        if event.get("artifacts"):
            made[event["step"]] = event
        if event.get("error"):
            failures.append(_failure(event))

    try:
        _refuse_gone(layout.root)
        plan = resolve(layout, run)
        journal.use(run.number, ((step.type, step.code_digest) for step in plan.steps))
        plan.write(folder / "plan.json")
        code = run_plan(folder / "plan.json", folder, layout.root, report)
        if code == 0 and name_of(run.pipeline):
            keep(plan, made)
    except ZenrepoError as error:
        journal.end(run.number, FAILED, str(error))
    except Exception as error:  # noqa: BLE001  (the runs that wait behind this one must not wait for ever)
        journal.end(run.number, FAILED, f"the worker failed: {error!r}\nhint: see {layout.worker_log}")
        traceback.print_exc()
    except BaseException:
        journal.end(run.number, INTERRUPTED, "the worker was stopped")
        raise
    else:
        message = "\n".join(failures) or ("" if code == 0 else _died(code, folder / "runner.log"))
        journal.end(run.number, COMPLETE if code == 0 else FAILED, message)


def _refuse_gone(root: Path) -> None:
    if not root.is_dir():
        raise ZenrepoError(f"the working tree '{root}', which asked for the run, is gone", "run it from another")


def _failure(event: dict[str, Any]) -> str:
    error = event["error"]
    return f"{error['message']}\nhint: {error['hint']}" if error.get("hint") else str(error["message"])


def _died(code: int, log: Any) -> str:
    return f"the runner ended with exit code {code} without saying why\nhint: see {log}"
