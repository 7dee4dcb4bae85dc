"""A SQLite file that several processes use at once."""

from __future__ import annotations

import errno
import os
import sqlite3

from zenrepo.errors import Locked, Unwritable
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
        try:
            if not kind:
                self._connection.commit()
        finally:
            self._connection.rollback()  # what could not be written, too: it does nothing where it was


def connect(path: str | os.PathLike[str], patience: float = PATIENCE) -> sqlite3.Connection:
    """Open a file in which every statement outside `Database.writing` is a change of its own.

    Args:
        path: of the file.
        patience: seconds that a statement waits for another process.

    Returns:
        A connection whose statements raise `Locked` when the patience is at its end, and `Unwritable` where the disk
        is full or read-only.

    Raises:
        Unwritable: if the file cannot even be opened.
    """
    try:
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None, factory=_Connection)
    except sqlite3.OperationalError as error:
        raise explained(error, os.fspath(path)) from error
    connection.path = os.fspath(path)
    return connection


def connect_to_copy(path: str | os.PathLike[str]) -> sqlite3.Connection:
    """Open a copy in memory of a file whose folder cannot be written: SQLite itself needs to, to read.

    Args:
        path: of the file; where there is none, the copy is empty.
    """
    copy = sqlite3.connect(":memory:", isolation_level=None, factory=_Connection)
    copy.path = os.fspath(path)
    if os.path.exists(path):
        import shutil  # noqa: PLC0415  (hooks import this, and few need it)
        import tempfile  # noqa: PLC0415  (likewise)

        with tempfile.TemporaryDirectory() as folder:
            for end in ("", "-wal"):
                if os.path.exists(f"{copy.path}{end}"):
                    shutil.copy(f"{copy.path}{end}", os.path.join(folder, f"copy{end}"))
            original = sqlite3.connect(os.path.join(folder, "copy"))
            try:
                original.backup(copy)
            finally:
                original.close()
    return copy


def is_writable(path: str | os.PathLike[str]) -> bool:
    """Say whether a file can be written, or made with the folders that it would stand in."""
    place = os.path.dirname(os.path.abspath(path))
    while not os.path.isdir(place) and place != os.path.dirname(place):
        place = os.path.dirname(place)
    return os.access(place, os.W_OK) and (not os.path.exists(path) or os.access(path, os.W_OK))


class _Connection(sqlite3.Connection):
    path: str

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def commit(self) -> None:
        try:
            super().commit()
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.DatabaseError) -> Exception:
        return explained(error, self.path)


def explained(error: sqlite3.DatabaseError, path: str) -> Exception:
    """Say in words what is wrong with a file.

    Args:
        error: from SQLite.
        path: of the file.

    Returns:
        `Locked` or `Unwritable`; the error itself where it is neither, which tells of damage, or of a mistake in SQL.
    """
    said = str(error)
    if "locked" in said:
        return Locked(
            f"another process is writing '{path}'",
            f"try again when it is done; where it hangs, 'fuser {path}' names it",
        )
    if "is full" in said:
        return Unwritable(path, errno.ENOSPC)
    if "readonly" in said or "unable to open" in said or "disk I/O" in said:
        return Unwritable(path, _why(path))
    return error


def is_damage(error: object) -> bool:
    """Say whether an error tells that a file is not as SQLite wrote it."""
    return type(error) is sqlite3.DatabaseError  # those of its sub-classes tell of something else


def _why(path: str) -> int:
    """Find out why a file cannot be written, which SQLite does not tell."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        room = os.statvfs(folder)
    except OSError as error:
        return error.errno or errno.EIO
    if room.f_flag & os.ST_RDONLY:
        return errno.EROFS
    if not os.access(folder, os.W_OK) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        return errno.EACCES
    return errno.ENOSPC if room.f_bavail == 0 else errno.EIO
