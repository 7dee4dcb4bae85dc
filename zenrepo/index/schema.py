"""The tables of the index, made by sqlite-utils."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import sqlite_utils


def replace(path: Path, schema: int) -> None:
    """Put an empty index in the place of what is there, at once.

    Args:
        path: of the database file.
        schema: the number that its tables are known by.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    database = sqlite_utils.Database(beside)
    database["blobs"].create({"blob": str, "facts": str, "python": str}, pk="blob")
    database["tips"].create({"commit": str}, pk="commit")
    versions = database["versions"].create(
        {
            "number": int,
            "type": str,
            "commit": str,
            "code_digest": str,
            "kind": str,
            "change": str,
            "path": str,
            "time": int,
            "author": str,
            "subject": str,
        },
        pk="number",
        not_null={"type", "commit", "code_digest"},
    )
    versions.create_index(["type", "code_digest"])
    database.execute(f"pragma user_version = {schema:d}")
    database.conn.commit()
    database.close()
    Path(beside).replace(path)
    for leftover in (f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(leftover).unlink(missing_ok=True)
