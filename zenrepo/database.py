"""A SQLite file that several processes use at once."""

from __future__ import annotations

import os
import sqlite3

from zenrepo.errors import Locked
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # hooks and look-ups import this, and `typing` costs more than their work
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Any, TypeVar

    Same = TypeVar("Same", bound="Database")

PATIENCE = 60.0
"""Seconds to wait for another process that writes the file."""


class Database:
    """An open file; its classes add the questions.

    Args:
        connection: to the file, see `connect`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self: Same) -> Same:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def writing(self) -> _Writing:
        """Hold the file for one change that happens whole or not at all; other writers wait."""
        return _Writing(self._database)


class _Writing:
    """A change in the making."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind:
            self._connection.rollback()
        else:
            self._connection.commit()


def connect(path: str | os.PathLike[str], patience: float = PATIENCE) -> sqlite3.Connection:
    """Open a file in which every statement outside `Database.writing` is a change of its own.

    Args:
        path: of the file.
        patience: seconds that a statement waits for another process.

    Returns:
        A connection whose statements raise `Locked` when the patience is at its end.
    """
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None, factory=_Connection)
    connection.path = os.fspath(path)
    return connection


class _Connection(sqlite3.Connection):
    path: str

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error

    def commit(self) -> None:
        try:
            super().commit()
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.OperationalError) -> Exception:
        if "locked" not in str(error):
            return error
        return Locked(
            f"another process is writing '{self.path}'",
            f"try again when it is done; where it hangs, 'fuser {self.path}' names it",
        )
