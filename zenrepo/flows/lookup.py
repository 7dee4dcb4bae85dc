"""Questions about step versions, answered from the index after it caught up with the refs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence

from zenrepo.database import PATIENCE, is_damage
from zenrepo.errors import Damaged, UnknownName, Unwritable, UsageError
from zenrepo.git import history
from zenrepo.git.refs import Refs
from zenrepo.index.catch_up import CaughtUp, catch_up
from zenrepo.index.reach import reach_of
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.sources.model import StepVersion
from zenrepo.values import NamedTuple


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


class caught_up:
    """Open the index, up to date with every ref, and say what came.

    Args:
        layout: of the repository.
        refs: where the refs point, if somebody asked git a moment ago.
        patience: seconds to wait for another process that writes the index.

    Raises:
        Locked: when the patience is at its end.
    """

    def __init__(self, layout: Layout, refs: Refs | None = None, patience: float = PATIENCE) -> None:
        self._layout = layout
        self._refs = refs
        self._patience = patience

    def __enter__(self) -> tuple[Index, CaughtUp]:
        self._index = Index(self._layout.own("index.db"), self._patience)
        try:
            return self._index, self._catch_up()
        except BaseException:
            self._index.close()
            raise

    def _catch_up(self) -> CaughtUp:
        try:
            return catch_up(self._index, self._layout, self._refs)
        except Unwritable:  # the disk is full: what is asked can be answered all the same
            self._index.move_to_memory()
            return catch_up(self._index, self._layout, self._refs)
        except sqlite3.OperationalError:  # nothing is wrong with the file
            raise
        except sqlite3.DatabaseError:
            self._index.make_anew()
            return catch_up(self._index, self._layout, self._refs)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._index:
            if is_damage(error):
                self._index.make_anew()
                raise Damaged("the index was damaged, and is made anew", "run the same command again") from error


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
    commit = history.resolve(layout.folder, revision)
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


def versions(
    layout: Layout, step_type: str | None = None, *, every_ref: bool = False, refs: Refs | None = None
) -> list[Version]:
    """List the versions of a step type, or of all, newest first.

    Args:
        layout: of the repository.
        step_type: the dotted path of the class.
        every_ref: whether versions that HEAD's history does not have count too.
        refs: where the refs point, if somebody asked git a moment ago.

    Returns:
        One row a version: that of the commit that first had it, among those that count.

    Raises:
        UnknownName: for a step type that no commit holds.
    """
    with caught_up(layout, refs) as (index, (head, new)):
        rows = _rows(index, step_type)
        held = Snapshots(layout, index).steps_at(head) if head else {}
        if not every_ref:
            rows = _reached(rows, index, layout, head, new)
    if step_type and not rows:
        raise UnknownName("step type", step_type, (), "HEAD's history does not have it; other refs do: add --all")
    users = _users(layout, {row.type for row in rows})
    return [
        Version(
            row,
            current=row.type in held and held[row.type].code_digest == row.code_digest,
            runs=users.get((row.type, row.code_digest), ()),
        )
        for row in _labels(rows)
    ]


def _labels(rows: Sequence[VersionRow]) -> list[VersionRow]:
    """Name each version by the first commit that has it, newest first; commits have one order in every clone."""
    ordered = sorted(rows, key=lambda row: (row.clock, row.commit, row.type), reverse=True)
    first = {(row.type, row.code_digest): row for row in ordered}
    return [row for row in ordered if first[row.type, row.code_digest] is row]


def _reached(
    rows: Sequence[VersionRow], index: Index, layout: Layout, head: str | None, new: Sequence[history.Commit]
) -> list[VersionRow]:
    """Leave out the rows of commits that are not in HEAD's history."""
    if head is None:
        return []
    missing = index.unreached(reach_of(index, layout, head, new), {row.type for row in rows})
    return [row for row in rows if row.number not in missing]


def _users(layout: Layout, step_types: set[str]) -> Mapping[tuple[str, str], Sequence[tuple[str, int]]]:
    """Give the runs that executed versions of some types; a clone without runs has no journal, and gets none here."""
    if not os.path.exists(layout.own("runs.db")):
        return {}
    with Journal(layout.own("runs.db")) as journal:
        return {key: runs for name in step_types for key, runs in journal.users(name).items()}


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
            if row.clock < after.clock and row.number not in found:
                found[row.number] = row
                moved += [row] if row.origin else []
    return list(found.values())


def first_commit(index: Index, version: StepVersion) -> str:
    """Name a step version by the commit that first had it."""
    rows = [row for row in index.versions(version.type) if row.code_digest == version.code_digest]
    return _labels(rows)[0].commit if rows else ""
