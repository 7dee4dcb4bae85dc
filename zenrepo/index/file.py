"""The file of the index: opened, and made anew where it cannot be used."""

from __future__ import annotations

import os
import sqlite3

from zenrepo.database import PATIENCE, Database, connect, connect_to_copy, is_writable
from zenrepo.errors import Unwritable

SCHEMA = 5
"""Counts up whenever a table or the meaning of a column changes; an index of another count is made anew."""


class IndexFile(Database):
    """A cache in a file, which can be lost without harm.

    Args:
        path: of the file; it and its folder are made where they are missing, and made anew where they are damaged.
            Where it cannot be written, a copy in memory takes its place.
        patience: seconds to wait for another process that writes it.

    Raises:
        Locked: from any method, when the patience is at its end.
    """

    def __init__(self, path: str | os.PathLike[str], patience: float = PATIENCE) -> None:
        self._path = os.fspath(path)
        self._patience = patience
        try:
            super().__init__(self._opened())
        except Unwritable:
            super().__init__(self._copied())

    def make_anew(self) -> None:
        """Throw away all that is in the file: everything in it can be read again."""
        self.close()
        self._make()
        super().__init__(self._open())

    def move_to_memory(self) -> None:
        """Go on with a copy that is never written: the disk is full."""
        self.close()
        super().__init__(self._copied())

    def _opened(self) -> sqlite3.Connection:
        if not is_writable(self._path):
            return self._copied()
        if not os.path.exists(self._path):
            self._make()
        try:
            return self._open()
        except sqlite3.OperationalError:  # not to be read: nothing is wrong with what is in it
            raise
        except (sqlite3.DatabaseError, _OtherSchemaError):
            self._make()
            return self._open()

    def _copied(self) -> sqlite3.Connection:
        """Make a copy in memory; an empty one where the file is missing or cannot be used."""
        try:
            copy = connect_to_copy(self._path)
            _refuse_other_schema(copy)
        except (sqlite3.DatabaseError, _OtherSchemaError):
            from zenrepo.index.schema import fill  # noqa: PLC0415  (as in `_make`)

            copy = connect_to_copy("")
            fill(copy, SCHEMA)
        return copy

    def _open(self) -> sqlite3.Connection:
        """Open an index that can be used.

        Raises:
            sqlite3.DatabaseError: for a damaged one.
            _OtherSchemaError: for one of another release.
        """
        database = connect(self._path, self._patience)
        try:
            _refuse_other_schema(database)
            database.execute("pragma synchronous = off")  # a cache: after a power cut it is made anew
            database.execute("select count(*) from sqlite_master").fetchone()
        except BaseException:
            database.close()
            raise
        return database

    def _make(self) -> None:
        from zenrepo.index.schema import create  # noqa: PLC0415  (sqlite-utils costs 200 ms, and this happens once)

        create(self._path, SCHEMA)


class _OtherSchemaError(Exception):
    """The file was made by another release."""


def _refuse_other_schema(database: sqlite3.Connection) -> None:
    if database.execute("pragma user_version").fetchone()[0] != SCHEMA:
        raise _OtherSchemaError
