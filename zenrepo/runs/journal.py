"""The journal of runs: what was queued, what is running, how it ended. It is no cache: nothing in it is ever lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from zenrepo.database import Database, connect
from zenrepo.errors import UnknownName, ZenrepoError
from zenrepo.values import NamedTuple

SCHEMA = 1
QUEUED, RUNNING, COMPLETE, FAILED, INTERRUPTED = "queued", "running", "complete", "failed", "interrupted"
ENDED = (COMPLETE, FAILED, INTERRUPTED)


class Run(NamedTuple):
    """One run.

    Args:
        number: counts up in this clone; how a user names it.
        pipeline: the pipeline's name.
        commit: the commit that it executes.
        root: the folder with ``.zenml/`` in the working tree that asked for it.
        reason: what asked for it.
        cache: whether earlier results may be re-used.
        state: queued, running, complete, failed or interrupted.
        message: why it failed.
        queued: seconds since 1970.
        started: likewise, ``None`` before that.
        ended: likewise.
    """

    number: int
    pipeline: str
    commit: str
    root: str
    reason: str
    cache: bool
    state: str
    message: str
    queued: float
    started: float | None
    ended: float | None

    @property
    def id(self) -> str:
        """The run's name in ML Metadata and of its folder."""
        return f"{self.pipeline}-{self.number}"


class Journal(Database):
    """The journal of one clone.

    Args:
        path: of its file; made where it is missing, by one process alone.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not os.path.exists(path):
            _make(path)
        super().__init__(connect(path))
        self._database.execute("pragma synchronous = normal")
        found = self._database.execute("pragma user_version").fetchone()[0]
        if found != SCHEMA:
            self.close()
            raise ZenrepoError(
                f"'{path}' is a journal of format {found}, and this release knows {SCHEMA}", "upgrade zenrepo"
            )

    def add(self, pipeline: str, commit: str, root: str | os.PathLike[str], reason: str, *, cache: bool = True) -> Run:
        """Queue a run."""
        cursor = self._database.execute(
            'insert into runs (pipeline, "commit", root, reason, cache, state, message, queued)'
            " values (?, ?, ?, ?, ?, ?, '', ?)",
            (pipeline, commit, str(root), reason, cache, QUEUED, time.time()),
        )
        assert cursor.lastrowid is not None
        return self.run(cursor.lastrowid)

    def take(self) -> Run | None:
        """Start the run that waits longest; ``None`` where none does. No two callers get the same one."""
        with self.writing():
            found = self._database.execute(
                "select number from runs where state = ? order by number limit 1", (QUEUED,)
            ).fetchone()
            if found is None:
                return None
            self._database.execute(
                "update runs set state = ?, started = ? where number = ?", (RUNNING, time.time(), found[0])
            )
        return self.run(found[0])

    def is_waiting(self) -> bool:
        """Say whether a run is queued."""
        return self._database.execute("select 1 from runs where state = ? limit 1", (QUEUED,)).fetchone() is not None

    def end(self, number: int, state: str, message: str = "") -> None:
        """Say how a run ended."""
        self._database.execute(
            "update runs set state = ?, message = ?, ended = ? where number = ?", (state, message, time.time(), number)
        )

    def interrupt_running(self) -> None:
        """End the runs that a worker left behind when it died; only the one worker of a clone may call this."""
        self._database.execute(
            "update runs set state = ?, message = ?, ended = ? where state = ?",
            (INTERRUPTED, "its worker died", time.time(), RUNNING),
        )

    def use(self, number: int, versions: Iterable[tuple[str, str]]) -> None:
        """Say which step versions a run executes: type and code digest of each."""
        rows = [(number, step_type, digest) for step_type, digest in versions]
        self._database.executemany("insert into uses values (?, ?, ?)", rows)

    def users(self, step_type: str | None = None) -> dict[tuple[str, str], list[tuple[str, int]]]:
        """Give the pipelines and numbers of the runs that executed a version, by its type and code digest."""
        found: dict[tuple[str, str], list[tuple[str, int]]] = {}
        which = "" if step_type is None else "where type = :type"
        for name, digest, pipeline, number in self._database.execute(
            f"select type, code_digest, pipeline, number from uses join runs on run = number {which} order by number",  # noqa: S608  (text that stands here)
            {"type": step_type},
        ):
            found.setdefault((name, digest), []).append((pipeline, number))
        return found

    def run(self, number: int) -> Run:
        """Give one run.

        Raises:
            UnknownName: if there is none of that number.
        """
        found = self._database.execute("select * from runs where number = ?", (number,)).fetchone()
        if found is None:
            raise UnknownName("run", str(number), (), "see 'zenrepo runs'")
        return _run(found)

    def runs(self, pipeline: str | None = None, limit: int = -1) -> list[Run]:
        """Give the runs, newest first.

        Args:
            pipeline: only those of one pipeline.
            limit: how many at the most; -1 for all.
        """
        found = self._database.execute(
            "select * from runs where :pipeline is null or pipeline = :pipeline order by number desc limit :limit",
            {"pipeline": pipeline, "limit": limit},
        )
        return [_run(row) for row in found]


def _run(row: tuple[object, ...]) -> Run:
    number, pipeline, commit, root, reason, cache, *rest = row
    return Run(number, pipeline, commit, root, reason, bool(cache), *rest)  # type: ignore[arg-type]  # rows are untyped


def _make(path: str | os.PathLike[str]) -> None:
    from pathlib import Path  # noqa: PLC0415  (it costs a look-up as much as its work)

    from zenrepo.runs.schema import create  # noqa: PLC0415  (sqlite-utils costs 200 ms, and this happens once)

    create(Path(path), SCHEMA)
