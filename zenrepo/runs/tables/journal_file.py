"""The journal's file: made where it is missing, brought to this format, mended where it is damaged."""

from __future__ import annotations

import os
import sqlite3

from zenrepo.database import Database, connect, connect_to_copy, is_damage, is_writable
from zenrepo.errors import Damaged, Unwritable, ZenrepoError

SCHEMA = 3


class JournalFile(Database):
    """A journal that can be used.

    Args:
        path: of its file; made where it is missing, by one process alone. Where it cannot be written, a copy in memory
            answers questions.

    Raises:
        Damaged: also from ``with``: for a file that is damaged; a new one has taken its place.
        Unwritable: from what would write a copy.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.abspath(path)
        self._folder = os.path.dirname(self._path)
        try:
            self._open()
        except Unwritable:  # the disk is so full that SQLite cannot even read
            self._open_copy()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise _salvage(self._path) from error

    def _open(self) -> None:
        if not is_writable(self._path):
            return self._open_copy()
        if not os.path.exists(self._path):
            _make(self._path)
        super().__init__(connect(self._path))
        self._file = os.stat(self._path).st_ino
        try:
            self._use()
        except BaseException:
            self.close()
            raise

    def _use(self) -> None:
        """Bring the file to this format."""
        self._database.execute("pragma synchronous = normal")
        found = self._format()
        if not found:
            raise sqlite3.DatabaseError("nothing is in the journal")
        if found < SCHEMA:
            _migrate(self._path)
            found = self._format()
        if found != SCHEMA:
            raise ZenrepoError(
                f"'{self._path}' is a journal of format {found}, and this release knows {SCHEMA}", "upgrade zenrepo"
            )

    @property
    def is_copy(self) -> bool:
        """Whether it answers from memory, and cannot be written."""
        return not self._file

    def _open_copy(self) -> None:
        super().__init__(connect_to_copy(self._path))
        self._file = 0
        if not self._format():
            _fill(self._database)
        self._database.execute("pragma query_only = on")

    def __exit__(self, *raised: object) -> None:
        super().__exit__()
        if any(map(is_damage, raised)):
            raise _salvage(self._path)

    def check(self) -> None:
        """Look whether the file is damaged anywhere.

        Raises:
            sqlite3.DatabaseError: if it is, which ``with`` mends.
        """
        self.follow()
        [said] = self._database.execute("pragma quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)

    def follow(self) -> None:
        """Go over to the new file where another process has put one in the place of a damaged one.

        Where the repository was moved, the open file is still the right one.
        """
        if self._file and os.path.exists(self._path) and os.stat(self._path).st_ino != self._file:
            self.close()
            self._open()

    def _format(self) -> int:
        return int(self._database.execute("pragma user_version").fetchone()[0])


def _migrate(path: str) -> None:
    from pathlib import Path  # noqa: PLC0415  (likewise)

    from zenrepo.runs.tables.schema import migrate  # noqa: PLC0415  (likewise)

    migrate(Path(path), SCHEMA)


def _make(path: str) -> None:
    from pathlib import Path  # noqa: PLC0415  (it costs a look-up as much as its work)

    from zenrepo.runs.tables.schema import create  # noqa: PLC0415  (sqlite-utils costs 200 ms, and this happens once)

    create(Path(path), SCHEMA)


def _fill(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database  # noqa: PLC0415  (likewise)

    from zenrepo.runs.tables.schema import fill  # noqa: PLC0415  (likewise)

    fill(Database(connection), 0)


def _salvage(path: str) -> Damaged:
    from pathlib import Path  # noqa: PLC0415  (likewise)

    from zenrepo.runs.tables.salvage import salvage  # noqa: PLC0415  (likewise)

    return salvage(Path(path), SCHEMA)
