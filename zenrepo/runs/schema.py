"""The tables of the journal."""

from __future__ import annotations

from pathlib import Path

import sqlite_utils
from filelock import FileLock

from zenrepo import tables


def create(path: Path, schema: int) -> None:
    """Make an empty journal, unless another process just did.

    Args:
        path: of the database file.
        schema: the number that its table is known by.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            tables.replace(path, schema, _tables)


def _tables(journal: sqlite_utils.Database) -> None:
    journal.conn.execute("pragma journal_mode = wal")
    runs = journal.table("runs").create(
        {
            "number": int,
            "pipeline": str,
            "commit": str,
            "root": str,
            "reason": str,
            "cache": int,
            "state": str,
            "message": str,
            "queued": float,
            "started": float,
            "ended": float,
        },
        pk="number",
        not_null={"pipeline", "commit", "state", "queued"},
    )
    runs.create_index(["state"])
    uses = journal.table("uses").create(
        {"run": int, "type": str, "code_digest": str}, not_null={"run", "type", "code_digest"}
    )
    uses.create_index(["type"])
