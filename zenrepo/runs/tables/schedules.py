"""The schedules in the journal: for which of their times a run was queued last."""

from __future__ import annotations

from zenrepo.database import Database


class Schedules(Database):
    """The part of the journal that knows what was due."""

    def fired(self, pipeline: str, branch: str, schedule: str) -> float | None:
        """Say for which time a schedule queued a run last, or when it was first seen.

        Args:
            pipeline: its name.
            branch: where it runs; empty for whichever is checked out.
            schedule: its times and their zone, as one text; another one is another schedule.

        Returns:
            Seconds since 1970; ``None`` where it was never seen.
        """
        found = self._database.execute(
            "select fired from schedules where pipeline = ? and branch = ? and schedule = ?",
            (pipeline, branch, schedule),
        ).fetchone()
        return float(found[0]) if found else None

    def fire(self, pipeline: str, branch: str, schedule: str, moment: float) -> None:
        """Say for which time a schedule queued a run, or that it is seen for the first time."""
        self._database.execute(
            "insert or replace into schedules values (?, ?, ?, ?)", (pipeline, branch, schedule, moment)
        )
