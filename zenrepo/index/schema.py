"""The tables of the index."""

from __future__ import annotations

from pathlib import Path

import sqlite_utils

from zenrepo import tables


def create(path: Path, schema: int) -> None:
    """Put an empty index in the place of what is there, if anything.

    Args:
        path: of the database file.
        schema: the number that its tables are known by.
    """
    tables.replace(path, schema, _tables)


def _tables(index: sqlite_utils.Database) -> None:
    index.conn.execute("pragma journal_mode = wal")  # look-ups go on while a first index is written
    index.table("blobs").create({"blob": str, "facts": str, "python": str}, pk="blob")
    index.table("files").create({"file": str, "facts": str}, pk="file")
    index.table("tips").create({"commit": str}, pk="commit")
    index.table("snapshots").create({"commit": str, "holds": str}, pk="commit")
    index.table("reach").create({"commit": str, "newest": int, "unreached": str}, pk="commit")
    versions = index.table("versions").create(
        {
            "number": int,
            "type": str,
            "commit": str,
            "code_digest": str,
            "kind": str,
            "change": str,
            "origin": str,
            "path": str,
            "time": int,
            "author": str,
            "subject": str,
        },
        pk="number",
        not_null={"type", "commit", "code_digest"},
    )
    versions.create_index(["type", "code_digest"])
    versions.create_index(["commit"])
