"""Questions about step versions, answered from the index after it caught up with the refs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from zenrepo.errors import UnknownName, UsageError
from zenrepo.git import history
from zenrepo.index.catch_up import Snapshots, catch_up
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import Layout
from zenrepo.sources.model import StepVersion


@dataclass(frozen=True)
class Version:
    """A version of a step type.

    Args:
        row: the commit that first had it, and what changed there.
        current: whether HEAD holds it.
    """

    row: VersionRow
    current: bool


@contextlib.contextmanager
def caught_up(layout: Layout) -> Iterator[Index]:
    """Open the index, up to date with every ref."""
    with Index(layout.index) as index:
        catch_up(index, layout)
        yield index


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


def steps_at(layout: Layout, revision: str = "HEAD") -> dict[str, StepVersion]:
    """Give the step versions that one commit holds, by step type."""
    commit = commit_of(layout, revision)
    with Index(layout.index) as index:
        return dict(Snapshots(layout, index).at(commit).steps)


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
    with caught_up(layout) as index:
        rows = index.versions(step_type)
        if step_type and not rows:
            raise UnknownName("step type", step_type, index.types(), "'zenrepo steps' lists the step types")
    head = history.resolve(layout.root, "HEAD")
    reachable = history.ancestors(layout.common, head) if head else set()
    first: dict[tuple[str, str], VersionRow] = {}
    last: dict[str, VersionRow] = {}
    for row in rows:
        if every_ref or row.commit in reachable:
            first.setdefault((row.type, row.code_digest), row)
        if row.commit in reachable:
            last[row.type] = row
    if step_type and not first:
        raise UnknownName("step type", step_type, (), "HEAD's history does not have it; other refs do: add --all")
    listed = sorted(first.values(), key=lambda row: row.number, reverse=True)
    held = steps_at(layout).keys() if head else ()
    return [
        Version(row, row.type in held and last[row.type].code_digest == row.code_digest if row.type in last else False)
        for row in listed
    ]


def first_commit(index: Index, version: StepVersion) -> str:
    """Name a step version by the commit that first had it."""
    rows = (row.commit for row in index.versions(version.type) if row.code_digest == version.code_digest)
    return next(rows, "")
