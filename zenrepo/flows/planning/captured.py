"""Captured working trees: what they hold, what came of them, and where they go."""

from __future__ import annotations

import time
from typing import NamedTuple

from zenrepo import config
from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.lookup import commit_of
from zenrepo.flows.planning.capture import named, project
from zenrepo.git import captured, history, tree
from zenrepo.git.captured import Captured
from zenrepo.layout import CONFIG, Layout
from zenrepo.runs.journal import QUEUED, RUNNING, Journal, Run

_LARGEST_RUN = 6
"""Digits of a run's number at the most; an id has more."""


class Held(NamedTuple):
    """A captured working tree, and what came of it.

    Args:
        commit: the id of the commit that holds it.
        base: the commit that it was changed from; empty where there was none yet.
        time: when it was captured, in seconds since 1970.
        files: the paths that differ from the base, from the project's folder.
        runs: the runs that execute it, newest first.
    """

    commit: str
    base: str
    time: int
    files: list[str]
    runs: list[Run]


def listing(layout: Layout) -> list[Held]:
    """List the captured working trees of this clone, newest first."""
    found = captured.captured(layout.common, project(layout))
    runs = _runs(layout) if found else {}
    return [_held(layout, one, runs.get(one.commit, [])) for one in found]


def held(layout: Layout, subject: str) -> Held:
    """Give one captured working tree.

    Args:
        layout: of the repository.
        subject: the number of a run that executes it, or its id, as short as git takes it.

    Raises:
        UsageError: if there is none.
    """
    found = _find(layout, subject)
    return _held(layout, found, _runs(layout).get(found.commit, []))


def changes(layout: Layout, commit: str) -> list[str]:
    """Name the files that a captured working tree has otherwise than the commit that it was changed from."""
    base = history.resolve(layout.common, f"{commit}^") or ""
    return history.changed_paths(layout.common, base, commit, under=layout.prefix)


def difference(layout: Layout, subject: str, other: str | None = None) -> str:
    """Compare a captured working tree.

    Args:
        layout: of the repository.
        subject: as for `held`.
        other: what it is compared to: another one, a run by its number, or a commit as ``git rev-parse`` takes it; by
            default the commit that it was changed from.

    Returns:
        A unified diff that leads from the other to it.

    Raises:
        UsageError: if one of the two is not there.
    """
    found = _find(layout, subject)
    old = _commit(layout, other) if other is not None else found.base or history.nothing(layout.common)
    return history.difference(layout.common, old, found.commit, [layout.prefix] if layout.prefix else [])


def promote(layout: Layout, subject: str, branch: str, message: str | None = None) -> str:
    """Make a branch of a captured working tree; nothing is checked out.

    Args:
        layout: of the repository.
        subject: as for `held`.
        branch: the name of the new branch.
        message: of its commit.

    Returns:
        The id of the commit, the user's own, whose parent is the commit that the tree was changed from.

    Raises:
        UsageError: if there is no such tree, or such a branch already.
        GitError: for a name that git does not take, or a user whom it does not know.
    """
    found = _find(layout, subject)
    text = message or history.message(layout.common, found.commit).strip()
    made = captured.rewritten(layout.root, found.commit, text)
    if not captured.branch_at(layout.common, branch, made):
        raise UsageError(f"there is a branch '{branch}' already", "name another")
    return made


def drop(layout: Layout, subject: str) -> Held:
    """Keep a captured working tree no longer; git forgets it in its own time.

    Raises:
        UsageError: if there is none, or a run of it has not ended.
    """
    found = _find(layout, subject)
    with Journal(layout.runs_db) as journal, journal.writing():
        runs = journal.runs(commit=found.commit)
        waiting = [run.number for run in runs if run.state in (QUEUED, RUNNING)]
        if waiting:
            raise UsageError(
                f"run {waiting[-1]} executes {found.commit[:7]}, and has not ended",
                f"wait for it, or cancel it: 'zenrepo runs cancel {waiting[-1]}'",
            )
        captured.drop(layout.common, project(layout), found.commit)
    return _held(layout, found, runs)


def expire(layout: Layout, journal: Journal) -> list[str]:
    """Drop what has been captured, and not run, for longer than its settings say; never what a run waits for.

    Args:
        layout: of the repository.
        journal: of its runs.

    Returns:
        The ids of the commits that are gone.

    Raises:
        PipelineFileError: if settings cannot be read.
    """
    now = time.time()
    found = captured.captured(layout.common, project(layout))
    until = {one.commit: now - seconds for one, seconds in zip(found, _kept_for(layout, found), strict=True)}
    old = [one for one in found if one.time < until[one.commit]]
    if not old:
        return []
    with journal.writing():  # nobody queues a run of one meanwhile
        used = {run.commit for run in journal.runs() if run.ended is None or run.ended >= until.get(run.commit, now)}
        gone = [one.commit for one in old if one.commit not in used]
        for commit in gone:
            captured.drop(layout.common, project(layout), commit)
    return gone


def _kept_for(layout: Layout, found: list[Captured]) -> list[float]:
    """Say for how many seconds captured working trees are kept, each by its own settings: another branch has others."""
    blobs = tree.identify(layout.common, [f"{one.commit}:{layout.prefix}{CONFIG}" for one in found])
    read = {blob: config.read(text) for blob, text in tree.contents(layout.common, set(filter(None, blobs)))}
    return [read.get(blob, config.Config()).captured.keep_seconds for blob in blobs]


def note(layout: Layout, run: Run) -> str:
    """Say in a line what a run executed that no branch has; empty for a run of an ordinary commit."""
    if not run.options.captured:
        return ""
    if all(one.commit != run.commit for one in captured.captured(layout.common, project(layout))):
        return f"what it executed was captured at {run.commit[:7]}, and was dropped or has expired: its code is gone"
    return f"captured: {named(changes(layout, run.commit))}; see 'zenrepo captured show {run.number} --diff'"


def _find(layout: Layout, subject: str) -> Captured:
    found = {one.commit: one for one in captured.captured(layout.common, project(layout))}
    if _is_run(subject):
        with Journal(layout.runs_db) as journal:
            run = journal.run(int(subject))
        if not run.options.captured:
            raise UsageError(f"run {subject} is of commit {run.commit[:7]}, and nothing was captured for it")
        names = [run.commit] if run.commit in found else []
    else:
        names = [commit for commit in found if len(subject) >= 4 and commit.startswith(subject.lower())]
    if len(names) > 1:
        raise UsageError(f"'{subject}' is the beginning of {len(names)} ids", "give more digits")
    if not names:
        hint = "'zenrepo captured' lists them; one may have been dropped, or have expired"
        raise UnknownName("captured working tree", subject, (), hint)
    return found[names[0]]


def _commit(layout: Layout, subject: str) -> str:
    if not _is_run(subject):
        return commit_of(layout, subject)
    with Journal(layout.runs_db) as journal:
        return commit_of(layout, journal.run(int(subject)).commit)


def _is_run(subject: str) -> bool:
    return subject.isascii() and subject.isdecimal() and len(subject) <= _LARGEST_RUN


def _runs(layout: Layout) -> dict[str, list[Run]]:
    """Give the runs of captured working trees, newest first, by commit."""
    found: dict[str, list[Run]] = {}
    if layout.runs_db.exists():
        with Journal(layout.runs_db) as journal:
            for run in journal.runs():
                if run.options.captured:
                    found.setdefault(run.commit, []).append(run)
    return found


def _held(layout: Layout, found: Captured, runs: list[Run]) -> Held:
    return Held(found.commit, found.base, found.time, changes(layout, found.commit), runs)
