"""What can be read of a damaged journal goes into a new one; the damaged file is kept beside it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlite_utils
from filelock import FileLock

from zenrepo import tables
from zenrepo.errors import Damaged
from zenrepo.runs import folders
from zenrepo.runs.tables import schema

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_BEYOND = 10_000
"""Rows to look for behind the last one that is known of."""

Row = dict[str, Any]


def salvage(path: Path, number: int) -> Damaged:
    """Put a new journal in the place of a damaged one, unless another process just did.

    Args:
        path: of the journal.
        number: of the journal's format.

    Returns:
        What a user is told.
    """
    with FileLock(path.with_suffix(".lock")):
        if _is_whole(path):
            return Damaged(f"the journal '{path}' was damaged, and is mended", "run the same command again")
        broken = _keep(path)
        with tempfile.TemporaryDirectory() as folder:
            found = _read(_copy(broken, Path(folder, "copy"), number))
        from_rows = len(found["runs"])
        found["runs"] += folders.rows(path.parent, {row["number"] for row in found["runs"]})
        last = max([found.pop("last")[0], schema.largest_number(path.parent), *(r["number"] for r in found["runs"])])
        tables.replace(path, number, lambda journal: _fill(journal, found, last))
    restored = len(found["runs"]) - from_rows
    beside = f", and {restored} from the folders of runs" if restored else ""
    return Damaged(
        f"the journal '{path}' is damaged: {from_rows} runs were read from it{beside}, and are in a new one;"
        f" the damaged file is kept as '{broken}'",
        "run the same command again, and look at the disk: files do not break by themselves",
    )


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as database:
            [[format_]] = database.execute("pragma user_version")
            return bool(format_) and database.execute("pragma quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False


def _keep(path: Path) -> Path:
    """Copy a journal and what belongs to it under names that nobody else has; the file itself stays for now."""
    broken = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
    while broken.exists():
        broken = broken.with_name(f"{broken.name}x")
    _copy_files(path, broken)
    return broken


def _copy_files(path: Path, to: Path) -> None:
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copy(f"{path}{end}", f"{to}{end}")


def _copy(broken: Path, copy: Path, number: int) -> Path:
    """Copy a journal, to be read; a header that is not there is that of an empty one."""
    _copy_files(broken, copy)
    data = copy.read_bytes()
    if data and not data.startswith(_MAGIC):
        schema.create(copy.with_name("empty") / "runs.db", number)
        header = bytearray((copy.with_name("empty") / "runs.db").read_bytes()[:_HEADER])
        header[28:40] = bytes(12)  # its size, which the file itself tells, and its free pages
        copy.write_bytes(bytes(header) + data[_HEADER:])
    return copy


def _read(path: Path) -> dict[str, list[Any]]:
    """Read every row that can be read, by table; under ``last``, the largest number that was ever given out."""
    found: dict[str, list[Any]] = {"runs": [], "leases": [], "uses": [], "last": [0]}
    with closing(sqlite3.connect(path)) as old:
        old.row_factory = sqlite3.Row
        with suppress(sqlite3.Error):
            old.execute("pragma writable_schema = on")  # SQLite reads a file that was cut off, then
        for name in ("runs", "leases", "uses"):
            found[name] = list(_rows(old, name))
        with suppress(sqlite3.Error):
            found["last"] += [seq for (seq,) in old.execute("select seq from sqlite_sequence where name = 'runs'")]
    found["last"] = [max(found["last"])]
    return found


def _rows(old: sqlite3.Connection, table: str) -> Iterator[Row]:
    """Give the rows of a table as far as they can be read at one go, and then one by one."""
    last = 0
    try:
        for row in old.execute(f"select rowid as _row, * from {table} order by rowid"):  # noqa: S608  (a name of this file)
            last = row["_row"]
            yield dict(row)
    except sqlite3.Error:
        for number in range(last + 1, _end(old, table, last) + 1):
            with suppress(sqlite3.Error):
                one = old.execute(f"select rowid as _row, * from {table} where rowid = ?", (number,)).fetchone()  # noqa: S608  (likewise)
                if one is not None:
                    yield dict(one)


def _end(old: sqlite3.Connection, table: str, last: int) -> int:
    """Give the largest number that a row of a table may have."""
    with suppress(sqlite3.Error):
        [[largest]] = old.execute(f"select max(rowid) from {table}")  # noqa: S608  (likewise)
        return int(largest or 0)
    return last + _BEYOND


def _fill(journal: sqlite_utils.Database, found: dict[str, list[Row]], last: int) -> None:
    """Make the tables of a journal, with rows in them."""
    schema.fill(journal, last)
    for name, rows in found.items():
        known = journal.table(name).columns_dict
        _insert(journal.conn, name, [{k: v for k, v in row.items() if k in known} for row in rows])
    journal.conn.execute("update sqlite_sequence set seq = max(seq, ?) where name = 'runs'", (last,))


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows; one that no journal could hold is none that was written."""
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"insert or ignore into {table} ({columns}) values ({marks})", list(row.values()))  # noqa: S608  (names of columns)
