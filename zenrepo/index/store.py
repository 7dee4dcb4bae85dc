"""The index file: opened, made anew where it cannot be used, and its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from zenrepo.database import Database, connect

SCHEMA = 2
"""Counts up whenever a table or the meaning of a column changes; an index of another count is made anew."""

_AT_ONCE = 500
_GRAFTS = "grafts"


class VersionRow(NamedTuple):
    """A commit that gave a step type a code digest which none of its parents had.

    Args:
        number: counts up from parents to children.
        type: the step type.
        commit: the commit's id.
        code_digest: the identity of the version.
        kind: the interface of the step.
        change: ``new``, ``moved``, ``class``, ``module``, or ``helper`` and the files that changed.
        origin: the step type that a moved one had before; empty for any other.
        path: the file that defines the step.
        time: when the commit was written, in seconds since 1970.
        author: the commit's author.
        subject: the first line of its message.
    """

    number: int
    type: str
    commit: str
    code_digest: str
    kind: str
    change: str
    origin: str
    path: str
    time: int
    author: str
    subject: str


class Index(Database):
    """The rows of one index file.

    Args:
        path: of the file; it and its folder are made where they are missing, and made anew where they are damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            self._make()
        try:
            super().__init__(_open(path))
        except sqlite3.OperationalError:  # locked, or not to be read: nothing is wrong with what is in it
            raise
        except (sqlite3.DatabaseError, _OtherSchemaError):
            self._make()
            super().__init__(_open(path))

    def make_anew(self) -> None:
        """Throw away all that is in the file: everything in it can be read again."""
        self.close()
        self._make()
        super().__init__(_open(self._path))

    def _make(self) -> None:
        from zenrepo.index.schema import create  # noqa: PLC0415  (sqlite-utils costs 200 ms, and this happens once)

        create(self._path, SCHEMA)

    def tips(self) -> set[str]:
        """Give the commits whose whole history is in the index."""
        return {sha for (sha,) in self._database.execute('select "commit" from tips')}

    def set_tips(self, tips: Iterable[str]) -> None:
        """Say which commits have their whole history in the index."""
        self._database.execute("delete from tips")
        self._database.executemany("insert into tips values (?)", [(sha,) for sha in tips])

    def grafts(self) -> str:
        """Give where history was cut off or replaced when it was read."""
        return self.file(_GRAFTS, "") or ""

    def clear(self, grafts: str) -> None:
        """Forget every commit, though not what was read of blobs, and say where history is cut off or replaced."""
        for table in ("versions", "tips", "reach", "snapshots"):
            self._database.execute(f"delete from {table}")  # noqa: S608  (names that stand here)
        self.keep_file(_GRAFTS, "", grafts)

    def facts(self, blobs: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Give what is known of some blobs: (blob, facts, the Python that could not read it or nothing)."""
        for start in range(0, len(blobs), _AT_ONCE):
            part = blobs[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            yield from self._database.execute(f"select * from blobs where blob in ({marks})", part)  # noqa: S608  (marks)

    def add_facts(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Keep what was read of blobs: (blob, facts, python)."""
        self._database.executemany("insert or replace into blobs values (?, ?, ?)", rows)

    def snapshot(self, commit: str) -> str | None:
        """Give what a commit holds; ``None`` where it was not kept."""
        found = self._database.execute('select holds from snapshots where "commit" = ?', (commit,)).fetchone()
        return found[0] if found else None

    def keep_snapshot(self, commit: str, holds: str, at_most: int) -> None:
        """Keep what a commit holds, and forget what was kept longest ago."""
        self._database.execute("insert or replace into snapshots values (?, ?)", (commit, holds))
        self._database.execute(
            "delete from snapshots where rowid <= (select max(rowid) from snapshots) - ?", (at_most,)
        )

    def add_versions(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Add rows of `VersionRow` without their number."""
        self._database.executemany(
            'insert into versions (type, "commit", code_digest, kind, change, origin, path, time, author, subject)'
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def forget(self, commits: set[str]) -> None:
        """Drop the rows of commits that no ref reaches any more."""
        if commits:
            numbers = [(number,) for number in self.rows_of(commits)]
            self._database.executemany("delete from versions where number = ?", numbers)
            self._database.execute("delete from reach")  # numbers are given out again

    def versions(self, step_type: str | None = None) -> list[VersionRow]:
        """Give the rows of one step type, or of all, oldest first."""
        found = self._database.execute(
            "select * from versions where :type is null or type = :type order by number", {"type": step_type}
        )
        return [VersionRow(*row) for row in found]

    def versions_in(self, commit: str) -> list[VersionRow]:
        """Give the rows of one commit."""
        found = self._database.execute('select * from versions where "commit" = ? order by number', (commit,))
        return [VersionRow(*row) for row in found]

    def file(self, path: str, blob: str) -> str | None:
        """Give what was kept of a pipeline file or the settings; ``None`` where nothing was."""
        found = self._database.execute("select facts from files where file = ?", (f"{blob} {path}",)).fetchone()
        return found[0] if found else None

    def keep_file(self, path: str, blob: str, facts: str) -> None:
        """Keep what was read of a pipeline file or the settings, so that YAML is parsed once."""
        self._database.execute("insert or replace into files values (?, ?)", (f"{blob} {path}", facts))

    def newest_row(self) -> int:
        """Give the number of the newest version row; 0 where there is none."""
        newest: int = self._database.execute("select coalesce(max(number), 0) from versions").fetchone()[0]
        return newest

    def rows_of(self, commits: set[str]) -> set[int]:
        """Give the numbers of the version rows of some commits."""
        if len(commits) > _AT_ONCE:
            found = self._database.execute('select number, "commit" from versions')
            return {number for number, commit in found if commit in commits}
        marks = ",".join("?" * len(commits))
        found = self._database.execute(f'select number from versions where "commit" in ({marks})', list(commits))  # noqa: S608  (marks)
        return {number for (number,) in found}

    def reach(self, commit: str) -> tuple[int, str] | None:
        """Give what was kept by `keep_reach` for a commit."""
        rows = self._database.execute('select newest, unreached from reach where "commit" = ?', (commit,))
        found: tuple[int, str] | None = rows.fetchone()
        return found

    def last_reach(self) -> tuple[str, int, str] | None:
        """Give what was kept last by `keep_reach`, with its commit."""
        rows = self._database.execute("select * from reach order by rowid desc limit 1")
        found: tuple[str, int, str] | None = rows.fetchone()
        return found

    def keep_reach(self, commit: str, newest: int, unreached: str, at_most: int) -> None:
        """Keep which rows, up to the newest then, a commit's history does not have."""
        self._database.execute("insert or replace into reach values (?, ?, ?)", (commit, newest, unreached))
        self._database.execute("delete from reach where rowid <= (select max(rowid) from reach) - ?", (at_most,))

    def types(self) -> list[str]:
        """Give every step type that any commit holds."""
        return [name for (name,) in self._database.execute("select distinct type from versions order by type")]


class _OtherSchemaError(Exception):
    """The file was made by another release."""


def _open(path: Path) -> sqlite3.Connection:
    """Open an index that can be used.

    Raises:
        sqlite3.DatabaseError: for a damaged one.
        _OtherSchemaError: for one of another release.
    """
    database = connect(path)
    try:
        _refuse_other_schema(database)
        database.execute("pragma synchronous = off")  # a cache: after a power cut it is made anew
        database.execute("select count(*) from sqlite_master").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _refuse_other_schema(database: sqlite3.Connection) -> None:
    if database.execute("pragma user_version").fetchone()[0] != SCHEMA:
        raise _OtherSchemaError
