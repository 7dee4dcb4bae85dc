"""Queued runs that a newer commit makes needless, where a pipeline's trigger says so."""

from __future__ import annotations

from contextlib import suppress

from zenrepo.errors import ZenrepoError
from zenrepo.flows.intake.postponed import settle
from zenrepo.git import tree
from zenrepo.git.keep import follows
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import read
from zenrepo.pipeline_files.rules import CANCEL_RUNNING, QUEUE
from zenrepo.runs.journal import QUEUED, Journal, Run


def supersede(layout: Layout, journal: Journal) -> None:
    """Take the queued runs out of the queue that newer ones make needless.

    Args:
        layout: of the repository.
        journal: with the queue.
    """
    waiting: dict[str, list[Run]] = {}
    for run in journal.runs(state=QUEUED):
        if run.triggered:
            waiting.setdefault(run.pipeline, []).append(run)
    for newest, *older in waiting.values():
        if older and policy(layout, newest) != QUEUE:
            for run in older:
                if follows(layout.common, newest.commit, run.commit):
                    journal.drop(run.number, _why(newest))


class Superseding:
    """Asks again and again whether a newer run makes one needless that is being executed.

    A commit that its hook could not take in has no run yet; it is looked at, too.

    Args:
        layout: of the repository.
        run: the one that is executed.
    """

    def __init__(self, layout: Layout, run: Run) -> None:
        self._layout = layout
        self._run = run
        self._seen = run.number
        self._newest = 0

    def __call__(self, journal: Journal) -> str:
        """Say why the run is needless; empty where it is not."""
        if not self._run.triggered:
            return ""
        with suppress(ZenrepoError):  # the worker meets the same error when the run has ended, and says so
            settle(self._layout, patience=0)
        self._supersede_others(journal)
        for newer in journal.runs(self._run.pipeline, 1, QUEUED):
            if newer.number > self._seen and newer.triggered:
                self._seen = newer.number
                if policy(self._layout, newer) == CANCEL_RUNNING and follows(
                    self._layout.common, newer.commit, self._run.commit
                ):
                    return _why(newer)
        return ""

    def _supersede_others(self, journal: Journal) -> None:
        """Have the queue look as it will when the next run is taken, as soon as there is a newer one."""
        newest = max((run.number for run in journal.runs(limit=1)), default=0)
        if newest != self._newest:
            self._newest = newest
            supersede(self._layout, journal)


def policy(layout: Layout, run: Run) -> str:
    """Read what a run's pipeline file says about superseded runs; one that cannot be read keeps the queue as it is."""
    path = f"{PIPELINES}/{run.pipeline}.yaml"
    try:
        text = tree.content(layout.common, f"{run.commit}:{layout.prefix}{path}")
        return read(text, path).trigger.superseded or QUEUE
    except ZenrepoError:
        return QUEUE


def _why(newer: Run) -> str:
    return f"run {newer.number}, at {newer.commit[:7]}, superseded it"
