"""Pipelines that run at set times: which there are, and which are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from zenrepo.flows.intake.affected import Pipeline, matches, pipelines
from zenrepo.flows.intake.ingest import SCHEDULE, Ingested, queue
from zenrepo.flows.intake.unrun import keep_unrun
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history, tree
from zenrepo.index.store import Index
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.cron import first_after, last_until, zone_of
from zenrepo.runs.journal import QUEUED, Journal

_PATIENCE = 1.0
"""Seconds that a run that is due waits for another process that writes the index; then it is due a moment later."""


class Scheduled(NamedTuple):
    """A pipeline that runs at set times.

    Args:
        pipeline: it, as its commit has it.
        branch: where it runs; empty for whichever is checked out.
        commit: what it would run at.
    """

    pipeline: Pipeline
    branch: str
    commit: str

    @property
    def text(self) -> str:
        """The times and their zone."""
        return " ".join(self.pipeline.schedule)

    def next(self, moment: float) -> float:
        """Say when it is due first after a moment, both in seconds since 1970."""
        times, *zone = self.pipeline.schedule
        return first_after(times, zone_of(zone[0] if zone else None), moment)

    def last(self, moment: float) -> float:
        """Say when it was due last before a moment, or at it."""
        times, *zone = self.pipeline.schedule
        return last_until(times, zone_of(zone[0] if zone else None), moment)

    def said(self, moment: float) -> str:
        """Write a moment by the clock of its zone."""
        _, *zone = self.pipeline.schedule
        return datetime.fromtimestamp(moment, zone_of(zone[0] if zone else None)).strftime("%Y-%m-%d %H:%M %Z").strip()


def scheduled(layout: Layout) -> list[Scheduled]:
    """Give the pipelines that run at set times.

    Those that name no branches do so at the commit that HEAD points to, as this has them; others at the tip of each
    branch of this clone that one of their globs matches, as that has them.

    Args:
        layout: of the repository.
    """
    branches = {"": history.resolve(layout.folder, "HEAD") or "", **history.branches(layout.folder)}
    with Index(layout.own("index.db")) as index:
        return list(_scheduled(layout, index, {name: sha for name, sha in branches.items() if sha}))


def _scheduled(layout: Layout, index: Index, branches: dict[str, str]) -> Iterator[Scheduled]:
    """Read each distinct folder of pipeline files once, however many branches have it."""
    names = [f"{sha}:{layout.prefix}{PIPELINES}" for sha in branches.values()]
    read: dict[str, list[Pipeline]] = {}
    for (branch, commit), folder in zip(branches.items(), tree.identify(layout.folder, names), strict=True):
        if folder and folder not in read:
            read[folder] = [p for p in pipelines(layout, index, commit, []) if SCHEDULE in p.events]
        for pipeline in read.get(folder, ()):
            if (
                matches(branch, pipeline.branches)
                if branch and pipeline.branches
                else not (branch or pipeline.branches)
            ):
                yield Scheduled(pipeline, branch, commit)


def next_time(layout: Layout, found: Scheduled, now: float) -> float:
    """Say when a pipeline is due next, in seconds since 1970; a time that was missed is in the past.

    Args:
        layout: of the repository.
        found: the pipeline.
        now: seconds since 1970.
    """
    with Journal(layout.runs_db) as journal:
        since = journal.fired(found.pipeline.name, found.branch, found.text)
    return found.next(now if since is None else since)


def queue_due(layout: Layout, found: list[Scheduled], now: float) -> list[Ingested]:
    """Queue what is due; of times that were missed, the last alone.

    A schedule counts from when it is first seen. A clock that goes back makes nothing due again. While a run of its own
    waits, another one is not queued.

    Args:
        layout: of the repository.
        found: what `scheduled` gives.
        now: seconds since 1970.

    Returns:
        What came of each that was due.

    Raises:
        Locked: if another process writes the index for longer than a moment; what is due stays so.
    """
    done = []
    with Journal(layout.runs_db) as journal:
        for one in found:
            key = (one.pipeline.name, one.branch, one.text)
            since = journal.fired(*key)
            if since is None:
                journal.fire(*key, now)
            elif (due := one.next(since)) <= now:
                due = max(due, one.last(now))
                if not _waits(journal, one):
                    done.append(_queue(layout, one, due))
                journal.fire(*key, due)
    return done


def _waits(journal: Journal, one: Scheduled) -> bool:
    begins = _because(one, "")
    return any(run.reason.startswith(begins) for run in journal.runs(one.pipeline.name, state=QUEUED))


def _because(one: Scheduled, when: str) -> str:
    return f"{SCHEDULE} {f'on {one.branch} ' if one.branch else ''}{when}"


def _queue(layout: Layout, one: Scheduled, due: float) -> Ingested:
    came = Ingested(one.commit, [], [], [])
    with caught_up(layout, None, _PATIENCE) as (index, _):
        came = queue(layout, index, [(one.pipeline, _because(one, one.said(due)))], SCHEDULE, came)
    keep_unrun(layout, [came])
    return came


class Due(NamedTuple):
    """When a pipeline is due.

    Args:
        pipeline: its name.
        branch: where it runs; empty for whichever is checked out.
        time: seconds since 1970.
        said: the same by the clock of its zone.
        missed: whether that is past, because no worker was there.
    """

    pipeline: str
    branch: str
    time: float
    said: str
    missed: bool

    def __str__(self) -> str:
        where = f" on {self.branch}" if self.branch else ""
        return f"{self.pipeline}{where} {'since' if self.missed else 'at'} {self.said}"


def upcoming(layout: Layout, now: float) -> list[Due]:
    """Say when each pipeline that runs at set times is due, the next first.

    Args:
        layout: of the repository.
        now: seconds since 1970.
    """
    found = []
    for one in scheduled(layout):
        due = next_time(layout, one, now)
        found.append(Due(one.pipeline.name, one.branch, due, one.said(due), due <= now))
    return sorted(found, key=lambda due: (due.time, due.pipeline, due.branch))
