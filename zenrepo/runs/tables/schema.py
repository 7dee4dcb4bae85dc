"""The tables of the journal."""

from __future__ import annotations

from pathlib import Path

import sqlite_utils
from filelock import FileLock

from zenrepo import tables

RUNS = """
create table runs (
    number integer primary key autoincrement,
    pipeline text not null,
    "commit" text not null,
    root text,
    place text not null default '',
    reason text,
    cache integer,
    state text not null,
    message text,
    queued float not null,
    started float,
    ended float,
    wanted text not null default '',
    options text not null default '',
    untold integer not null default 0
)
"""
"""In words of SQL because a number must never come again: it is a part of names in ML Metadata."""

LEASES = """
create table leases (
    run integer primary key,
    host text not null,
    boot text not null,
    pid integer not null,
    born text not null,
    runner integer not null,
    runner_born text not null,
    heartbeat float not null
)
"""


SCHEDULES = """
create table schedules (
    pipeline text not null,
    branch text not null,
    schedule text not null,
    fired float not null,
    primary key (pipeline, branch)
)
"""
_BY_COMMIT = 'create index runs_by_commit on runs ("commit")'


def create(path: Path, schema: int) -> None:
    """Make an empty journal, unless another process just did.

    Its numbers go on after those of runs that an earlier journal, which is gone, has left traces of.

    Args:
        path: of the database file.
        schema: the number that its table is known by.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            last = largest_number(path.parent)
            tables.replace(path, schema, lambda journal: fill(journal, last))


def migrate(path: Path, schema: int) -> None:
    """Bring an earlier format of the journal to this one, whole or not at all; nothing of it is lost.

    Args:
        path: of the database file.
        schema: the number of this format.
    """
    with FileLock(path.with_suffix(".lock")):
        journal = sqlite_utils.Database(path)
        try:
            [[found]] = journal.execute("pragma user_version").fetchall()
            if found < schema:
                journal.conn.isolation_level = None
                journal.execute("begin immediate")
                for number in range(found + 1, schema + 1):
                    _FORMATS[number](journal)
                journal.execute(f"pragma user_version = {schema:d}")
                journal.execute("commit")
        finally:
            journal.close()


def _second_format(journal: sqlite_utils.Database) -> None:
    """Add what is known of the processes of runs, of their place, and of their being canceled."""
    journal.execute("alter table runs add column place text not null default ''")
    journal.execute("alter table runs add column wanted text not null default ''")
    journal.execute(LEASES)


def _third_format(journal: sqlite_utils.Database) -> None:
    """Add what a run was asked for beside a pipeline and a commit, whether its end is to be told, and schedules."""
    journal.execute("alter table runs add column options text not null default ''")
    journal.execute("alter table runs add column untold integer not null default 0")
    journal.execute(_BY_COMMIT)
    journal.execute(SCHEDULES)


_FORMATS = {2: _second_format, 3: _third_format}
"""What brings a journal to a format from the one before."""


def largest_number(folder: Path) -> int:
    """Find the largest number of a run that left a folder, or is in the clone's own metadata store; 0 for none.

    Args:
        folder: the clone's private one.
    """
    names = [path.name for path in (folder / "runs").glob("*-*")]
    if (folder / "metadata.db").exists():
        names += _recorded(folder / "metadata.db")
    numbers = (name.rpartition("-")[2] for name in names)
    return max((int(number) for number in numbers if number.isascii() and number.isdecimal()), default=0)


def _recorded(store: Path) -> list[str]:
    try:
        from zenrepo.metadata.names import run_names  # noqa: PLC0415  (the light half works without ML Metadata)
    except ModuleNotFoundError:
        return []
    return run_names(store)


def fill(journal: sqlite_utils.Database, last: int) -> None:
    """Make the tables in an empty database.

    Args:
        journal: the database.
        last: the largest number that a run had; those to come are larger.
    """
    journal.conn.execute("pragma journal_mode = wal")
    journal.conn.execute(RUNS)
    journal.conn.execute(LEASES)
    journal.conn.execute(SCHEDULES)
    journal.conn.execute("insert into sqlite_sequence (name, seq) values ('runs', ?)", (last,))
    journal.table("runs").create_index(["state"])
    journal.execute(_BY_COMMIT)
    uses = journal.table("uses").create(
        {"run": int, "type": str, "code_digest": str}, not_null={"run", "type", "code_digest"}
    )
    uses.create_index(["type"])
