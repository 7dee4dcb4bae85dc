"""The runs in the journal that have ended, and whose user has not been told of it."""

from __future__ import annotations

from zenrepo.database import Database


class Untold(Database):
    """The part of the journal that knows of which ends the user is to be told."""

    def take_untold(self) -> list[int]:
        """Give the numbers of the runs whose user is to be told of their end, and count them as told.

        No two callers get the same one: it is better to say nothing of a run, where this process dies, than to say
        the same again and again.
        """
        if not self.untold():
            return []
        with self.writing():
            found = self.untold()
            self._database.execute("update runs set untold = 0 where untold = 1")
        return found

    def untold(self, since: int = 0) -> list[int]:
        """Give the numbers of the runs, from one on, whose user is to be told of their end."""
        found = self._database.execute(
            "select number from runs where untold = 1 and number >= ? order by number", (since,)
        )
        return [number for (number,) in found]
