"""The leases in the journal: which process executes which run, and what was left behind by those that died."""

from __future__ import annotations

import os
import time

from zenrepo.database import Database
from zenrepo.runs.processes import lease
from zenrepo.runs.processes.lease import Lease, Process


class Leases(Database):
    """The part of the journal that knows processes.

    A lease stands from the beginning of a run to its end; where the run's process was killed it stays, until a later
    run has closed in ML Metadata what that one left open.
    """

    def lease(self, number: int) -> None:
        """Give the lease of a run to this process."""
        worker = lease.process(os.getpid())
        self._database.execute(
            "insert or replace into leases values (?, ?, ?, ?, ?, 0, '', ?)",
            (number, lease.host(), lease.boot(), *worker, time.time()),
        )

    def launched(self, number: int, pid: int) -> None:
        """Say which process a run has."""
        self._database.execute(
            "update leases set runner = ?, runner_born = ? where run = ?", (*lease.process(pid), number)
        )

    def beat(self, number: int) -> None:
        """Say that the worker of a run lives."""
        self._database.execute("update leases set heartbeat = ? where run = ?", (time.time(), number))

    def leases(self, *states: str) -> list[Lease]:
        """Give the leases of the runs that are in one of some states."""
        wanted = ", ".join("?" * len(states))
        found = self._database.execute(
            f"select leases.* from leases join runs on number = run where state in ({wanted}) order by run",  # noqa: S608  (question marks)
            states,
        )
        return [
            Lease(run, host, boot, Process(pid, born), Process(runner, runner_born), heartbeat)
            for run, host, boot, pid, born, runner, runner_born, heartbeat in found
        ]

    def close_leases(self, numbers: list[int]) -> None:
        """Forget the leases of runs that have left nothing open."""
        self._database.executemany("delete from leases where run = ?", [(number,) for number in numbers])

    def wanted(self, number: int) -> str:
        """Give the reason why a run is to be canceled; empty where it is not."""
        found = self._database.execute("select wanted from runs where number = ?", (number,)).fetchone()
        return str(found[0]) if found else ""
