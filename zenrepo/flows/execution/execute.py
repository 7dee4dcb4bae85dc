"""Execute one run: plan it, have it conducted, and write down how it ended."""

from __future__ import annotations

import json
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from zenrepo.datasource_files.file import name_of
from zenrepo.datasource_files.keep import keep
from zenrepo.errors import RunFailed, ZenrepoError, unwritable
from zenrepo.flows.answers.why import not_cached
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.guard import guard
from zenrepo.flows.execution.superseded import Superseding
from zenrepo.flows.planning.resolve import resolve
from zenrepo.layout import Layout
from zenrepo.runs.events import RETRYING
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, INTERRUPTED, Journal, Run
from zenrepo.runs.processes.launch import Process, run_plan


def execute(layout: Layout, journal: Journal, run: Run, crew: Crew) -> None:
    """Execute one run, whatever comes of it.

    Args:
        layout: of the repository.
        journal: where its end is written.
        run: a run that the journal has started.
        crew: what works for the worker.
    """
    folder = layout.run(run.id)
    said = _Said(partial(not_cached, layout, run.number))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_gone(run)
        plan = resolve(layout, run)
        plan = replace(plan, left_open=left_open(layout, journal, plan.metadata_store))
        journal.use(run.number, ((step.type, step.code_digest) for step in plan.steps))
        plan.write(folder / "plan.json")
        watch = partial(_watched, partial(guard, layout.runs_db, run.number, Superseding(layout, run)), crew)
        code = run_plan(folder / "plan.json", folder, layout.root, said.hear, watch, crew.warm(run))
        crew.refuse_stopped()
        if code == 0 and name_of(run.pipeline):
            keep(plan, said.made)
    except ZenrepoError as error:
        journal.end(run.number, FAILED, str(error))
    except Exception as error:  # noqa: BLE001  (the runs that wait behind this one must not wait for ever)
        known = unwritable(error, str(folder)) if isinstance(error, OSError) else None
        said_so = (
            f"{known}\n{_goes_on(run)}" if known else f"the worker failed: {error!r}\nhint: see {layout.worker_log}"
        )
        journal.end(run.number, FAILED, said_so, left_open=True)
        traceback.print_exc()
    except BaseException:
        journal.end(run.number, INTERRUPTED, f"the worker was stopped\n{_goes_on(run)}", left_open=True)
        raise
    else:
        journal.close_leases(said.closed)
        _end(journal, run, code, said.failures, folder / "runner.log")
    finally:
        shutil.rmtree(layout.tree(run.id), ignore_errors=True)


@contextmanager
def _watched(watch: Callable[[Process], AbstractContextManager[None]], crew: Crew, process: Process) -> Iterator[None]:
    with watch(process), crew.at_work(process):
        yield


@dataclass
class _Said:
    """What a runner has reported.

    Args:
        not_cached: says why a step has no result to use again, by its name.
        failures: why steps failed.
        made: the events of the steps that made something, by step.
        closed: the numbers of the runs whose executions it closed.
    """

    not_cached: Callable[[str], str]
    failures: list[str] = field(default_factory=list)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)

    def hear(self, event: dict[str, Any]) -> None:
        """Take one event."""
        if event.get("artifacts"):
            self.made[event["step"]] = event
        if event.get("error") and event.get("state") != RETRYING:
            why = self.not_cached(event["step"]) if event["error"].get("first") else ""
            failure = _failure(event["error"], why)
            self.failures += [failure] if failure not in self.failures else []
        if event["event"] == "closed":
            self.closed += [int(run.rpartition("-")[2]) for run in event["runs"]]


def left_open(layout: Layout, journal: Journal, store: str) -> dict[str, str]:
    """Give the runs that were killed, and whose executions in a metadata store nobody has closed yet.

    Args:
        layout: of the repository.
        journal: with their leases.
        store: ML Metadata's file.

    Returns:
        How each ended, by its id.
    """
    runs = (journal.run(lease.run) for lease in journal.left_open())
    return {run.id: run.state for run in runs if not _is_elsewhere(layout.run(run.id) / "plan.json", store)}


def _is_elsewhere(plan: Path, store: str) -> bool:
    """Say whether a run wrote into another metadata store, one that is still there."""
    try:
        written = Path(json.loads(plan.read_text(encoding="utf-8"))["metadata_store"])
    except (OSError, ValueError):  # it was killed before it had begun
        return False
    return written != Path(store) and written.exists()


def _end(journal: Journal, run: Run, code: int, failures: list[str], log: Path) -> None:
    """Write down how a runner ended."""
    wanted = journal.wanted(run.number)
    if code == 0:
        journal.end(run.number, COMPLETE)
    elif wanted:
        journal.end(run.number, CANCELED, wanted, left_open=code < 0)
    elif code < 0:
        message = f"its runner was killed by {signal.Signals(-code).name}\n{_goes_on(run)}"
        journal.end(run.number, INTERRUPTED, message, left_open=True)
    else:
        message = "\n".join(failures) or _died(code, log)
        journal.end(run.number, FAILED, message, left_open=code != RunFailed.exit_code)


def _goes_on(run: Run) -> str:
    return f"hint: 'zenrepo runs resume {run.number}' goes on with what is complete"


def _refuse_gone(run: Run) -> None:
    if not Path(run.root).is_dir():
        hint = f"'zenrepo runs resume {run.number}' in another one goes on with it"
        raise ZenrepoError(f"the working tree '{run.root}', which asked for the run, is gone", hint)


def _failure(error: dict[str, Any], why: str) -> str:
    message = f"{error['message']}: {why}" if why else str(error["message"])
    return f"{message}\nhint: {error['hint']}" if error.get("hint") else message


def _died(code: int, log: Path) -> str:
    return f"the runner ended with exit code {code} without saying why\nhint: see {log}"
