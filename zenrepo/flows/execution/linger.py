"""A worker that waits for more, so that the next run finds it warm."""

from __future__ import annotations

import sys
import time

from zenrepo.durations import seconds_of
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.work import is_waiting, work
from zenrepo.layout import Layout
from zenrepo.runs.processes.bell import Bell
from zenrepo.runs.processes.parents import Parents
from zenrepo.user_config import load_or_default

_LOOK = 5.0
"""Seconds between two looks at what nobody rings for: a repository that was deleted, memory that runs short."""


def linger(layout: Layout, parents: Parents, bell: Bell, idle: str | None = None) -> bool:
    """Execute what is queued until nothing was for as long as the user's settings say.

    Args:
        layout: of the repository.
        parents: the warm ones.
        bell: by which others say that there is more to do.
        idle: how long to wait for that, in place of the settings, as `zenrepo.durations` reads it.

    Returns:
        Whether there is more to do, but with what was installed or changed meanwhile.
    """
    config = load_or_default(lambda error: sys.stderr.write(f"{error}\n"))  # the worker's log
    seconds = config.worker.idle_seconds if idle is None else seconds_of(idle)
    crew = Crew(layout, config.jobs, parents, bell)
    while True:
        bell.rung.clear()
        work(layout, crew=crew)
        if not _is_rung(layout, crew, bell, seconds):
            return False
        if crew.is_outdated():
            return True


def _is_rung(layout: Layout, crew: Crew, bell: Bell, seconds: float) -> bool:
    """Wait until there is more to do; false where there was nothing for so long, or the repository is gone."""
    until = time.monotonic() + seconds
    while not bell.rung.wait(max(0.0, min(_LOOK, until - time.monotonic()))):
        if not layout.runs_db.exists() or time.monotonic() > until:
            return False
        if is_waiting(layout):
            return True
        crew.save_memory()
    return layout.runs_db.exists()
