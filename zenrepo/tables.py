"""Make a database file and put it in its place at once, with sqlite-utils."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import sqlite_utils

from zenrepo.database import explained
from zenrepo.errors import Unwritable, unwritable

_COMPANIONS = ("-wal", "-shm", "-journal")


def replace(path: Path, schema: int, make: Callable[[sqlite_utils.Database], None]) -> None:
    """Put a new database in the place of what is there, if anything.

    Args:
        path: of the database file; its folder is made.
        schema: the number that its tables are known by, kept as ``user_version``.
        make: makes the tables.

    Raises:
        Unwritable: where the disk is full, or the folder read-only; what was there is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise unwritable(error, str(path)) or Unwritable(str(path), error.errno or 0) from error
    os.close(handle)
    try:
        _make(beside, schema, make)
        for leftover in _COMPANIONS:
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        Path(beside).replace(path)
    except sqlite3.OperationalError as error:
        raise explained(error, str(path)) from error
    finally:
        for end in ("", *_COMPANIONS):
            Path(beside + end).unlink(missing_ok=True)


def _make(beside: str, schema: int, make: Callable[[sqlite_utils.Database], None]) -> None:
    database = sqlite_utils.Database(beside)
    try:
        make(database)
        database.execute(f"pragma user_version = {schema:d}")
        database.conn.commit()
    finally:
        database.close()
