"""What a repository looks like right now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from zenrepo.flows.intake.schedule import Due, upcoming
from zenrepo.git import history, status
from zenrepo.git.locate import has_worktree
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import Layout
from zenrepo.runs.journal import QUEUED, RUNNING, Journal, Run
from zenrepo.runs.processes.bell import ring
from zenrepo.runs.processes.staying import staying
from zenrepo.runs.watching.dead import notice_dead
from zenrepo.sources.model import StepVersion


@dataclass(frozen=True)
class Overview:
    """A repository at a glance.

    Args:
        commit: HEAD's commit; ``None`` before the first.
        branch: the branch; empty where HEAD is detached.
        steps: the step versions that HEAD holds, by type.
        unpinned: the step types whose closure differs from HEAD in the working tree, and the files that differ.
        unreadable: Python files of HEAD that were passed over, and why.
        waiting: runs that are queued or running.
        due: when pipelines that run at set times do so next.
        stays: whether a worker is there that starts them.
        idle: whether runs wait, and no worker is there that would take them.
    """

    commit: str | None
    branch: str
    steps: Mapping[str, StepVersion]
    unpinned: dict[str, list[str]]
    unreadable: dict[str, str]
    waiting: list[Run]
    due: list[Due]
    stays: bool
    idle: bool


def overview(layout: Layout) -> Overview:
    """Look at a repository."""
    commit = history.resolve(layout.root, "HEAD")
    steps: Mapping[str, StepVersion] = {}
    unreadable: dict[str, str] = {}
    if commit:
        with Index(layout.index_db) as index:
            snapshots = Snapshots(layout, index)
            snapshot = snapshots.at(commit)
            steps = snapshot.steps
            unreadable = snapshots.unreadable(snapshot)
    changed = set(status.changed(layout.root)) if has_worktree(layout) else set()
    unpinned = {name: sorted(changed & {path for _, path in v.closure}) for name, v in steps.items()}
    with Journal(layout.runs_db) as journal:
        notice_dead(layout, journal)
        waiting = [run for state in (QUEUED, RUNNING) for run in journal.runs(state=state)]
    idle = bool(waiting) and all(run.state == QUEUED for run in waiting) and not ring(layout)
    dirty = {name: files for name, files in unpinned.items() if files}
    due = upcoming(layout, time.time())
    stays = staying(layout)
    return Overview(
        commit, history.branch(layout.root), steps, dirty, unreadable, waiting, due, stays, idle and not stays
    )
