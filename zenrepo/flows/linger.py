"""A worker that waits for more, so that the next run finds it warm."""

from __future__ import annotations

import os
import sys
import time
from typing import NoReturn

from zenrepo.durations import seconds_of
from zenrepo.flows.crew import Crew
from zenrepo.flows.execute import is_waiting, work
from zenrepo.layout import Layout
from zenrepo.runs.parents import Parents
from zenrepo.user_config import load_or_default

_LOOK = 2.0
"""Seconds between two looks at what nobody rings for: a repository that was deleted, memory that runs short."""


def linger(layout: Layout, parents: Parents, idle: str | None = None) -> None:
    """Execute what is queued until nothing was for as long as the user's settings say.

    Args:
        layout: of the repository.
        parents: the warm ones; they end with this.
        idle: how long that is, in place of the settings, as `zenrepo.durations` reads it.
    """
    config = load_or_default(lambda error: sys.stderr.write(f"{error}\n"))  # the worker's log
    seconds = config.worker.idle_seconds if idle is None else seconds_of(idle)
    with Crew(layout, config.jobs, parents) as crew:
        bell = crew.listen() if seconds else None
        work(layout, crew=crew)
        while bell is not None and _is_rung(layout, crew, seconds):
            bell.rung.clear()
            if crew.is_outdated():
                crew.__exit__(None, None, None)
                _begin_anew(layout)
            work(layout, crew=crew)
        if bell is not None:
            bell.close()
        if _is_there(layout) and is_waiting(layout):  # it was queued while the bell was taken down
            work(layout, crew=crew)


def _is_rung(layout: Layout, crew: Crew, idle: float) -> bool:
    """Wait until there is more to do; false where there was nothing for so many seconds, or the repository is gone."""
    until = time.monotonic() + idle
    bell = crew.listen()
    while not bell.rung.wait(max(0.0, min(_LOOK, until - time.monotonic()))):
        if not _is_there(layout) or time.monotonic() > until:
            return False
        if is_waiting(layout):
            return True
        crew.save_memory()
    return _is_there(layout)


def _is_there(layout: Layout) -> bool:
    return layout.runs_db.exists()


def _begin_anew(layout: Layout) -> NoReturn:
    """Go on as what is installed now."""
    os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "zenrepo.cli.detached", str(layout.root)])  # noqa: S606
