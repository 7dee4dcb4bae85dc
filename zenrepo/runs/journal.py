"""The journal of runs: what was queued, what is running, how it ended. It is no cache: nothing in it is ever lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from zlib import crc32

from zenrepo.errors import UnknownName, UsageError
from zenrepo.git.keep import keep, kept, let_go
from zenrepo.runs.options import Options
from zenrepo.runs.processes.lease import Lease, boot
from zenrepo.runs.tables.journal_file import JournalFile
from zenrepo.runs.tables.leases import Leases
from zenrepo.runs.tables.schedules import Schedules
from zenrepo.runs.tables.untold import Untold
from zenrepo.values import NamedTuple

QUEUED, RUNNING, COMPLETE, FAILED = "queued", "running", "complete", "failed"
INTERRUPTED, CANCELED = "interrupted", "canceled"
ENDED = (COMPLETE, FAILED, INTERRUPTED, CANCELED)
STATES = (QUEUED, RUNNING, *ENDED)
LEFT_OPEN = (FAILED, INTERRUPTED, CANCELED)
"""The ends after which something may still be open in ML Metadata."""

ASKED = "asked for"
"""How the reason of a run begins that a user asked for."""

_NOT_BY_A_CHANGE = (ASKED, "datasource commit", "tag ", "schedule ")
_NONE = Options()

_COLUMNS = 'number, pipeline, "commit", root, reason, cache, state, message, queued, started, ended, options'


class Run(NamedTuple):
    """One run.

    Args:
        number: counts up in this clone; how a user names it.
        pipeline: the pipeline's name.
        commit: the commit that it executes.
        root: the folder with ``.zenml/`` in the working tree that asked for it.
        reason: what asked for it.
        cache: whether earlier results may be re-used.
        state: queued, running, complete, failed, interrupted or canceled.
        message: why it failed.
        queued: seconds since 1970.
        started: likewise, ``None`` before that.
        ended: likewise.
        options: what it was asked for beside that.
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
    options: Options = Options()

    @property
    def id(self) -> str:
        """The run's name in ML Metadata and of its folder."""
        return f"{self.pipeline}-{self.number}"

    @property
    def triggered(self) -> bool:
        """Whether a change queued it, which a newer one may make needless; nobody by hand, no tag and no schedule."""
        return not self.reason.startswith(_NOT_BY_A_CHANGE)


class Journal(JournalFile, Leases, Untold, Schedules):
    """The journal of one clone; see `JournalFile`."""

    def add(
        self,
        pipeline: str,
        commit: str,
        root: str | os.PathLike[str],
        reason: str,
        *,
        cache: bool = True,
        options: Options = _NONE,
    ) -> Run:
        """Queue a run, and keep its commit alive until it has ended; a reason that is no text is escaped."""
        reason = reason.encode("utf-8", "backslashreplace").decode("utf-8")
        place = os.path.relpath(root, self._folder)
        row = (pipeline, commit, str(root), place, reason, cache, QUEUED, time.time(), options.pack())
        number = self._insert(row)
        there = os.path.isdir(os.path.join(self._folder, "runs", f"{pipeline}-{number}"))
        if there:  # this file is an old copy of itself
            self._database.execute("delete from runs where number = ?", (number,))
            self._database.execute("update sqlite_sequence set seq = ? where name = 'runs'", (_largest(self._folder),))
            number = self._insert(row)
        keep(self._common, f"{self._prefix}{number}", commit)
        return self.run(number)

    def _insert(self, row: tuple[object, ...]) -> int:
        number = self._database.execute(
            'insert into runs (pipeline, "commit", root, place, reason, cache, state, message, queued, options)'
            " values (?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
            row,
        ).lastrowid
        assert number is not None
        return number

    def take(self) -> Run | None:
        """Start the run that waits longest, of those whose pipeline has none running; ``None`` where none does.

        No two callers get the same one.

        Where the repository was moved since, the run's ``root`` is where it stands now.
        """
        self.follow()
        with self.writing():
            found = self._database.execute(
                "select number from runs where state = :queued and pipeline not in"
                " (select pipeline from runs where state = :running) order by number limit 1",
                {"queued": QUEUED, "running": RUNNING},
            ).fetchone()
            if found is None:
                return None
            self._database.execute(
                "update runs set state = ?, started = max(?, queued) where number = ?", (RUNNING, time.time(), found[0])
            )
            self.lease(found[0])
        return self._relocated(self.run(found[0]))

    def is_waiting(self) -> bool:
        """Say whether a run is queued."""
        return self._database.execute("select 1 from runs where state = ? limit 1", (QUEUED,)).fetchone() is not None

    def place(self, number: int) -> int:
        """Count the runs that wait up to one that does, from 1."""
        found = self._database.execute("select count(*) from runs where state = ? and number <= ?", (QUEUED, number))
        return int(found.fetchone()[0])

    def end(self, number: int, state: str, message: str = "", *, left_open: bool = False) -> None:
        """Say how a run ended, unless that is said already.

        Args:
            number: of the run.
            state: one of `ENDED`.
            message: why, where it is no good end.
            left_open: whether it was killed, and so could not close what it began in ML Metadata.
        """
        self.follow()
        self._database.execute(
            "update runs set state = ?, message = ?, ended = max(?, coalesce(started, queued)), untold = ?"
            " where number = ? and state in (?, ?)",
            (state, message, time.time(), state != CANCELED, number, QUEUED, RUNNING),
        )
        if not left_open:
            self.close_leases([number])
        let_go(self._common, f"{self._prefix}{number}")

    def cancel(self, number: int, why: str = "by hand") -> Run:
        """Take a run out of the queue, or ask the worker that executes it to stop it.

        Args:
            number: of the run.
            why: what the run will say.

        Raises:
            UnknownName: if there is none of that number.
            UsageError: if it has ended.
        """
        with self.writing():
            run = self.run(number)
            if run.state == RUNNING:
                self._database.execute("update runs set wanted = ? where number = ?", (why, number))
            elif run.state == QUEUED:
                self.end(number, CANCELED, why)
        if run.state in ENDED:
            raise UsageError(f"run {number} of '{run.pipeline}' has ended: it is {run.state}", "see 'zenrepo runs'")
        return self.run(number)

    def drop(self, number: int, why: str) -> None:
        """Take a run out of the queue, if it still waits."""
        with self.writing():
            if self.run(number).state == QUEUED:
                self.end(number, CANCELED, why)

    def interrupt_running(self) -> None:
        """End the runs that a worker left behind when it died; only the one worker of a clone may call this.

        It has the lock, which the kernel gives to nobody else: another container's worker under it has died as well.
        """
        here = [found for found in self.leases(RUNNING) if found.boot == boot() or not found.holds]
        known = {found.run for found in self.leases(RUNNING)}
        forgotten = [run.number for run in self.runs(state=RUNNING) if run.number not in known]
        for number in [*(found.run for found in here), *forgotten]:
            self._interrupt(number)

    def interrupt_dead(self) -> bool:
        """End the runs whose worker lives no more, and say whether there was one; everybody may call this."""
        leases = [] if self.is_copy else self.leases(RUNNING)  # a copy only answers
        dead = [found for found in leases if not found.holds]
        for found in dead:
            self._interrupt(found.run)
        return bool(dead)

    def _interrupt(self, number: int) -> None:
        why = self.wanted(number)
        message = why or f"its worker died\nhint: 'zenrepo runs resume {number}' goes on with what is complete"
        self.end(number, CANCELED if why else INTERRUPTED, message, left_open=True)

    def left_open(self) -> list[Lease]:
        """Give the leases of runs that were killed, and whose executions in ML Metadata nobody has closed yet."""
        return self.leases(*LEFT_OPEN)

    def let_go_of_ended(self) -> None:
        """Let go of the commits of runs that have ended, should a process have been killed right before it did so."""
        with self.writing():  # nobody queues a run meanwhile
            waiting = {f"{self._prefix}{run.number}" for state in (QUEUED, RUNNING) for run in self.runs(state=state)}
            for name in kept(self._common):
                if name.rpartition("-")[0] == self._prefix.rstrip("-") and name not in waiting:
                    let_go(self._common, name)

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
        found = self._database.execute(f"select {_COLUMNS} from runs where number = ?", (number,)).fetchone()  # noqa: S608  (text that stands here)
        if found is None:
            raise UnknownName("run", str(number), (), "see 'zenrepo runs'")
        return _run(found)

    def runs(
        self, pipeline: str | None = None, limit: int = -1, state: str | None = None, commit: str | None = None
    ) -> list[Run]:
        """Give the runs, newest first: by number, for clocks go back.

        Args:
            pipeline: only those of one pipeline.
            limit: how many at the most; -1 for all.
            state: only those that are in it.
            commit: only those at one commit.
        """
        wanted = {"pipeline": pipeline, "state": state, "commit": commit}
        conditions = [f'"{name}" = :{name}' for name, value in wanted.items() if value]
        where = f"where {' and '.join(conditions)}" if conditions else ""
        found = self._database.execute(
            f"select {_COLUMNS} from runs {where} order by number desc limit :limit",  # noqa: S608  (text that stands here)
            wanted | {"limit": limit},
        )
        return [_run(row) for row in found]

    def _relocated(self, run: Run) -> Run:
        """Find the working tree that asked for a run: its place relative to this file outlives a move of both."""
        place = self._database.execute("select place from runs where number = ?", (run.number,)).fetchone()[0]
        now = os.path.normpath(os.path.join(self._folder, place))
        return run._replace(root=now) if place and os.path.isdir(now) else run

    @property
    def _common(self) -> str:
        """The git common directory that this file stands in."""
        return _up(self._folder, 3 if self._is_project else 1)

    @property
    def _is_project(self) -> bool:
        return os.path.basename(_up(self._folder, 1)) == "projects"

    @property
    def _prefix(self) -> str:
        """What tells the runs of a project in a folder from those of the others of the clone, in names of refs."""
        return f"{crc32(os.path.basename(self._folder).encode()):08x}-" if self._is_project else ""


def _run(row: tuple[object, ...]) -> Run:
    number, pipeline, commit, root, reason, cache, *rest, options = row
    return Run(number, pipeline, commit, root, reason, bool(cache), *rest, Options.unpack(str(options)))  # type: ignore[arg-type,call-arg]  # rows are untyped


def _up(folder: str, levels: int) -> str:
    for _ in range(levels):
        folder = os.path.dirname(folder)
    return folder


def _largest(folder: str) -> int:
    from pathlib import Path  # noqa: PLC0415  (likewise)

    from zenrepo.runs.tables.schema import largest_number  # noqa: PLC0415  (likewise)

    return largest_number(Path(folder))
