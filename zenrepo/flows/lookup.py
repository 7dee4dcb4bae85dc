"""Questions about step versions, answered from the index after it caught up with the refs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from zenrepo.errors import UnknownName, UsageError, ZenrepoError
from zenrepo.git import history
from zenrepo.index.catch_up import CaughtUp, catch_up
from zenrepo.index.reach import unreached
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.sources.model import StepVersion


class Version(NamedTuple):
    """A version of a step type.

    Args:
        row: the commit that first had it, and what changed there.
        current: whether HEAD holds it.
        runs: pipeline and number of each run of this clone that executed it.
    """

    row: VersionRow
    current: bool
    runs: Sequence[tuple[str, int]]


@contextlib.contextmanager
def caught_up(layout: Layout) -> Iterator[tuple[Index, CaughtUp]]:
    """Open the index, up to date with every ref, and say what came."""
    with Index(layout.index_db) as index:
        try:
            found = catch_up(index, layout)
        except sqlite3.OperationalError:  # locked, or the disk is full: nothing is wrong with the file
            raise
        except sqlite3.DatabaseError:
            index.make_anew()
            found = catch_up(index, layout)
        try:
            yield index, found
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            index.make_anew()
            raise ZenrepoError("the index was damaged, and is made anew", "run the same command again") from error


def reindex(layout: Layout) -> int:
    """Make the index anew from git alone, and give the number of step versions in it."""
    with Index(layout.index_db) as index:
        index.make_anew()
        catch_up(index, layout)
        return len(index.versions())


def commit_of(layout: Layout, revision: str) -> str:
    """Find the commit that a revision names.

    Args:
        layout: of the repository.
        revision: anything that ``git rev-parse`` takes.

    Raises:
        UsageError: if it names none.
    """
    commit = history.resolve(layout.root, revision)
    if commit is None:
        if revision == "HEAD":
            raise UsageError("this repository has no commit yet", "commit something first")
        raise UsageError(f"no commit is named '{revision}'", "give a branch, a tag, a commit id or HEAD~1")
    return commit


def steps_at(layout: Layout, revision: str = "HEAD") -> Mapping[str, StepVersion]:
    """Give the step versions that one commit holds, by step type."""
    commit = commit_of(layout, revision)
    with Index(layout.index_db) as index:
        return Snapshots(layout, index).at(commit).steps


def versions(layout: Layout, step_type: str | None = None, *, every_ref: bool = False) -> list[Version]:
    """List the versions of a step type, or of all, newest first.

    Args:
        layout: of the repository.
        step_type: the dotted path of the class.
        every_ref: whether versions that HEAD's history does not have count too.

    Returns:
        One row a version: that of the commit that first had it.

    Raises:
        UnknownName: for a step type that no commit holds.
    """
    with caught_up(layout) as (index, (head, _)):
        rows = _rows(index, step_type)
        held = _held(layout, index, head) if head else {}
        if not every_ref:
            missing = unreached(index, layout, head) if head else {row.number for row in rows}
            rows = [row for row in rows if row.number not in missing]
    if step_type and not rows:
        raise UnknownName("step type", step_type, (), "HEAD's history does not have it; other refs do: add --all")
    first: dict[tuple[str, str], VersionRow] = {}
    for row in rows:
        first.setdefault((row.type, row.code_digest), row)
    with Journal(layout.runs_db) as journal:
        users = journal.users()
    return [
        Version(
            row,
            current=row.type in held and held[row.type].code_digest == row.code_digest,
            runs=users.get((row.type, row.code_digest), ()),
        )
        for row in sorted(first.values(), key=lambda row: row.number, reverse=True)
    ]


def _held(layout: Layout, index: Index, head: str) -> Mapping[str, StepVersion]:
    """Give what HEAD holds, and keep it for the next look-up."""
    snapshots = Snapshots(layout, index)
    snapshot = snapshots.at(head)
    if index.snapshot(head) is None:
        with index.writing():
            snapshots.keep(head, snapshot)
    return snapshot.steps


def version_at(layout: Layout, step_type: str, revision: str) -> StepVersion:
    """Give the version of a step type that one commit holds.

    Raises:
        UnknownName: if the commit does not hold the type.
    """
    held = steps_at(layout, revision)
    if step_type not in held:
        raise UnknownName("step type", step_type, held, f"'{revision}' does not hold it")
    return held[step_type]


def _rows(index: Index, step_type: str | None) -> list[VersionRow]:
    """Give the rows of a step type, and those of the types that it was before it moved."""
    rows = index.versions(step_type)
    if step_type and not rows:
        raise UnknownName("step type", step_type, index.types(), "'zenrepo steps' lists the step types")
    found = {row.number: row for row in rows}
    moved = [row for row in rows if row.origin and step_type]
    while moved:
        after = moved.pop()
        for row in index.versions(after.origin):
            if row.number < after.number and row.number not in found:
                found[row.number] = row
                moved += [row] if row.origin else []
    return sorted(found.values())


def first_commit(index: Index, version: StepVersion) -> str:
    """Name a step version by the commit that first had it."""
    rows = (row.commit for row in index.versions(version.type) if row.code_digest == version.code_digest)
    return next(rows, "")
