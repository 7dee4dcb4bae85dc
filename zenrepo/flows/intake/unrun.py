"""What commits did not run, where no hook was there to say so: kept until somebody has seen to it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from zenrepo.errors import ZenrepoError
from zenrepo.flows.intake.ingest import Ingested
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.values import NamedTuple

_A_DAY = 86_400.0
"""Seconds for which it is said that something went wrong of which no pipeline is known."""


class Unrun(NamedTuple):
    """What a commit did not run.

    Args:
        commit: its id.
        pipelines: those that it would have run; empty where that is not known.
        why: what kept them from it, each with the way out.
        since: when that was, in seconds since 1970.
    """

    commit: str
    pipelines: list[str]
    why: list[str]
    since: float

    def __str__(self) -> str:
        then = "".join(f"; then 'zenrepo run {name} --at {self.commit[:7]}'" for name in self.pipelines)
        return f"commit {self.commit[:7]} queued no run: {'; '.join(self.why)}{then}"


def keep_unrun(layout: Layout, done: Iterable[Ingested]) -> None:
    """Keep what could not be queued.

    Args:
        layout: of the repository.
        done: what came of some commits.
    """
    for came in done:
        if came.broken:
            path = layout.private / "unrun" / came.commit
            path.parent.mkdir(parents=True, exist_ok=True)
            facts = {"pipelines": list(came.refused), "why": [_in_a_line(error) for error in came.broken]}
            beside = path.with_suffix(".new")
            beside.write_text(json.dumps({**facts, "since": time.time()}), "utf-8")
            beside.replace(path)


def unrun(layout: Layout) -> Iterator[Unrun]:
    """Give what was not run, the oldest first; what has been queued since is forgotten.

    Args:
        layout: of the repository.
    """
    files = [path for path in (layout.private / "unrun").glob("*") if not path.suffix]
    found = [Unrun(path.name, **json.loads(path.read_text("utf-8"))) for path in files]
    for one in sorted(found, key=lambda one: one.since):
        if _is_seen_to(layout, one):
            with suppress(OSError):  # another process did, or nothing can be written here
                (layout.private / "unrun" / one.commit).unlink()
        else:
            yield one


def _is_seen_to(layout: Layout, one: Unrun) -> bool:
    if not one.pipelines:
        return time.time() > one.since + _A_DAY
    with Journal(layout.runs_db) as journal:
        newest = [journal.runs(name, limit=1) for name in one.pipelines]
    return all(runs and runs[0].queued > one.since for runs in newest)


def _in_a_line(error: ZenrepoError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
