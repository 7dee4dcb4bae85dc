"""The worker: executes what is queued, each pipeline's runs in their order."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable

from filelock import FileLock, Timeout

from zenrepo.errors import Damaged, ZenrepoError
from zenrepo.flows.execution.crew import Crew, side_by_side
from zenrepo.flows.execution.execute import execute
from zenrepo.flows.execution.superseded import supersede
from zenrepo.flows.intake.postponed import PATIENCE, postponed, settle
from zenrepo.flows.planning.captured import expire
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.processes.launch import end_orphan
from zenrepo.runs.watching.notify import Notifier
from zenrepo.user_config import load_or_default

_HANDOVER = 10
"""Seconds that a new worker waits for an old one that may be about to end."""

_PAUSE = 2.0
"""Seconds until it is looked again whether what waits can be taken: another machine executes a run of its pipeline."""


def work(layout: Layout, tell: Callable[[str], None] = lambda line: None, crew: Crew | None = None) -> int:
    """Execute what is queued until nothing is left.

    One worker a clone: a second one waits a moment, in case the first is about to end, and leaves the queue to it.

    Args:
        layout: of the repository.
        tell: is told in a line when a run begins and how it ends.
        crew: what works for the worker; by default there is one until the queue is empty.

    Returns:
        How many runs were executed.
    """
    if crew is None:
        with Crew(layout, load_or_default(lambda error: _complain(str(error))).jobs) as own:
            return work(layout, tell, own)
    try:
        return _work(layout, tell, crew)
    except Damaged as error:  # a new journal has taken its place
        _complain(str(error))
        return _work(layout, tell, crew)


def is_waiting(layout: Layout) -> bool:
    """Say whether something is to be done in a clone."""
    with Journal(layout.runs_db) as journal:
        return journal.is_waiting() or bool(postponed(layout))


def _work(layout: Layout, tell: Callable[[str], None], crew: Crew) -> int:
    layout.private.mkdir(parents=True, exist_ok=True)
    done = 0
    notifier = Notifier(layout, _complain)
    with Journal(layout.runs_db) as journal:
        journal.check()
        while True:
            try:
                with FileLock(layout.worker_lock, timeout=_HANDOVER):
                    executed = _work_off(layout, journal, notifier, tell, crew)
            except Timeout:
                return done
            done += executed
            if not is_waiting(layout):  # what came while the lock was held has no other worker
                return done
            if not executed:
                time.sleep(_PAUSE)


def _work_off(layout: Layout, journal: Journal, notifier: Notifier, tell: Callable[[str], None], crew: Crew) -> int:
    recover(journal)
    notifier.tell(journal)
    _expire_captured(layout, journal)

    def execute_one(run: Run) -> None:
        with Journal(layout.runs_db) as own:  # SQLite's connections are a thread's own
            tell(f"run {run.number} of '{run.pipeline}' at {run.commit[:7]} begins ({run.reason})")
            try:
                execute(layout._replace(folder=run.root), own, run, crew)
            finally:  # a worker that is stopped says so of its run, too
                tell(_how_it_ended(own.run(run.number)))
            notifier.tell(own)

    done = side_by_side(lambda: _next(layout, journal), execute_one, crew)
    shutil.rmtree(layout.tree("x").parent, ignore_errors=True)
    return done


def recover(journal: Journal) -> None:
    """Tidy up behind a worker that died; only the one worker of a clone may call this.

    Its run becomes interrupted, and a runner that outlived it is ended: two would write one metadata store.

    Args:
        journal: with the leases.
    """
    journal.interrupt_running()
    for lease in journal.left_open():
        if lease.is_here and lease.runner.lives:
            end_orphan(lease.runner)
    journal.let_go_of_ended()


def _next(layout: Layout, journal: Journal) -> Run | None:
    """Start the run that waits longest, after commits that wait have queued theirs."""
    settle(layout, 0 if journal.is_waiting() else PATIENCE)  # what is queued waits for nobody who writes the index
    supersede(layout, journal)
    return journal.take()


def _expire_captured(layout: Layout, journal: Journal) -> None:
    """Drop captured working trees that no run has executed for long; settings that cannot be read keep them."""
    try:
        expire(layout, journal)
    except ZenrepoError as error:
        _complain(f"nothing that was captured expires: {error}")


def _how_it_ended(run: Run) -> str:
    took = f" after {run.ended - run.started:.0f} s" if run.started and run.ended else ""
    why = f": {run.message.partition(chr(10))[0]}" if run.message else ""
    return f"run {run.number} of '{run.pipeline}' is {run.state}{took}{why}"


def _complain(text: str) -> None:
    """Say something in the worker's log."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
