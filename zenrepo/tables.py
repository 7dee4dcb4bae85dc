"""Make a database file and put it in its place at once, with sqlite-utils."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import sqlite_utils

_COMPANIONS = ("-wal", "-shm", "-journal")


def replace(path: Path, schema: int, make: Callable[[sqlite_utils.Database], None]) -> None:
    """Put a new database in the place of what is there, if anything.

    Args:
        path: of the database file; its folder is made.
        schema: the number that its tables are known by, kept as ``user_version``.
        make: makes the tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    database = sqlite_utils.Database(beside)
    try:
        make(database)
        database.execute(f"pragma user_version = {schema:d}")
        database.conn.commit()
    finally:
        database.close()
    for leftover in _COMPANIONS:
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    Path(beside).replace(path)
