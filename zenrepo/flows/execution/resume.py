"""Go on with a run that came to no good end."""

from __future__ import annotations

from contextlib import suppress

from zenrepo.errors import UsageError
from zenrepo.flows.planning.capture import project
from zenrepo.flows.planning.resumed import resumed_number
from zenrepo.git import history
from zenrepo.git.captured import keep
from zenrepo.layout import Layout
from zenrepo.runs.journal import ASKED, COMPLETE, ENDED, QUEUED, RUNNING, Journal, Run
from zenrepo.runs.processes.worker_start import start_worker


def cancel(layout: Layout, number: int) -> Run:
    """Take a run out of the queue, or have the worker that executes it stop it.

    Args:
        layout: of the repository.
        number: of the run.

    Returns:
        The run: canceled where it waited; where it is running, it will be in a moment.

    Raises:
        UnknownName: if there is none of that number.
        UsageError: if it has ended.
    """
    with Journal(layout.runs_db) as journal:
        journal.interrupt_dead()
        return journal.cancel(number)


def cancel_all(layout: Layout, pipeline: str | None = None, *, waiting: bool = False) -> list[Run]:
    """Cancel all runs that have not ended, as ``cancel`` does.

    Args:
        layout: of the repository.
        pipeline: only those of one pipeline.
        waiting: whether to leave those alone that are running.

    Returns:
        The runs, the oldest first; empty where there was nothing to cancel.
    """
    with Journal(layout.runs_db) as journal:
        journal.interrupt_dead()
        found = journal.runs(pipeline, state=QUEUED)  # first, so that none of them begins meanwhile
        canceled = _canceled(journal, found)
        if not waiting:
            canceled += _canceled(journal, journal.runs(pipeline, state=RUNNING))
    return sorted(canceled, key=lambda run: run.number)


def _canceled(journal: Journal, runs: list[Run]) -> list[Run]:
    done = []
    for run in runs:
        with suppress(UsageError):  # it has just ended
            done.append(journal.cancel(run.number))
    return done


def resume(layout: Layout, number: int) -> Run:
    """Queue a run of the same pipeline at the same commit; it uses again what steps of the first have completed.

    It was asked for the same, and sees the same commits of datasources, and the same data behind addresses.

    Args:
        layout: of the repository.
        number: of the run that was interrupted or canceled, or that failed.

    Returns:
        The new run, for which a worker is started. Where the first was to use nothing again, this one does not either.

    Raises:
        UnknownName: if there is none of that number.
        UsageError: if it is complete, has not ended, or its commit is gone.
    """
    with Journal(layout.runs_db) as journal:
        journal.interrupt_dead()
        old = journal.run(number)
        _refuse(layout, old)
        why = f"{ASKED}, resumes run {number}"
        options = old.options._replace(resumes=resumed_number(layout, old))
        with journal.writing():
            if options.captured:  # it may be close to its expiry, or past it
                keep(layout.common, project(layout), old.commit)
            run = journal.add(old.pipeline, old.commit, layout.root, why, cache=old.cache, options=options)
    start_worker(layout)
    return run


def _refuse(layout: Layout, run: Run) -> None:
    which = f"run {run.number} of '{run.pipeline}'"
    if run.state not in ENDED:
        raise UsageError(
            f"{which} is {run.state}: it has not ended", f"'zenrepo runs {run.number} --follow' follows it"
        )
    if run.state == COMPLETE:
        again = f"'zenrepo run {run.pipeline} --at {run.commit[:12]}' runs it again"
        raise UsageError(f"{which} is complete: there is nothing to resume", again)
    if history.resolve(layout.common, run.commit) is None:
        raise UsageError(f"{which} executes commit {run.commit[:12]}, which is gone", f"'zenrepo run {run.pipeline}'")
