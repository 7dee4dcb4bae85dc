"""The tables of the index."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlite_utils

from zenrepo import tables

_VERSIONS = """\
create table versions (
    number integer primary key autoincrement,  -- never given out again: `unreached` names rows by it
    type text not null,
    "commit" text not null,
    code_digest text not null,
    kind text,
    change text,
    origin text,
    path text,
    time integer,
    author text,
    subject text,
    clock integer
)
"""


def create(path: str, schema: int) -> None:
    """Put an empty index in the place of what is there, if anything.

    Args:
        path: of the database file.
        schema: the number that its tables are known by.
    """
    tables.replace(Path(path), schema, _tables)


def fill(connection: sqlite3.Connection, schema: int) -> None:
    """Make the tables in an empty database in memory.

    Args:
        connection: to it.
        schema: the number that its tables are known by.
    """
    _tables(sqlite_utils.Database(connection))
    connection.execute(f"pragma user_version = {schema:d}")


def _tables(index: sqlite_utils.Database) -> None:
    index.conn.execute("pragma journal_mode = wal")  # look-ups go on while a first index is written
    index.table("blobs").create({"blob": str, "facts": str, "python": str}, pk="blob")
    index.table("files").create({"file": str, "facts": str}, pk="file")
    index.table("pipelines").create({"file": str, "facts": bytes}, pk="file")
    index.table("tips").create({"commit": str}, pk="commit")
    index.table("clocks").create({"commit": str, "clock": int}, pk="commit")
    index.table("snapshots").create({"commit": str, "files": bytes, "steps": bytes}, pk="commit")
    index.table("reaches").create({"reach": int, "commit": str, "newest": int}, pk="reach")
    index.table("unreached").create({"reach": int, "number": int}, pk=("reach", "number"))
    index.conn.execute(_VERSIONS)
    versions = index.table("versions")
    versions.create_index(["type", "code_digest"])
    versions.create_index(["commit"])
