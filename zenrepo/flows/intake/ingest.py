"""Ingest a commit: snapshot its steps, find the pipelines that it affects, queue their runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from zenrepo.database import PATIENCE
from zenrepo.errors import NotTrusted, ZenrepoError
from zenrepo.flows.intake.affected import Change, Pipeline, between, by_all_names, on_branch, pipelines, reason
from zenrepo.flows.intake.trusted import extend, untrusted
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history, tree
from zenrepo.git.history import Commit
from zenrepo.git.refs import Refs
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import PIPELINES, Layout, is_pipeline
from zenrepo.runs.journal import ENDED, QUEUED, Journal, Run
from zenrepo.values import NamedTuple

COMMIT, MERGE, PUSH, TAG, SCHEDULE = "commit", "merge", "push", "tag", "schedule"
SKIPS = ("[skip zenrepo]", "[zenrepo skip]")
"""Either, anywhere in a commit's message and in any case, means that no run is queued for it."""


class Ingested(NamedTuple):
    """What came of a commit.

    Args:
        commit: its id.
        versions: the step versions that no commit before it had.
        runs: what was queued.
        broken: why pipelines of the commit cannot be read, or not run.
        skipped: the pipelines that would run, if the commit's message did not say otherwise.
        asked: where pipeline files changed, the events that the pipelines ask for.
        refused: the pipelines that would run, if they could or were trusted.
    """

    commit: str
    versions: list[VersionRow]
    runs: list[Run]
    broken: list[ZenrepoError]
    skipped: Sequence[str] = ()
    asked: Set[str] = frozenset()
    refused: Sequence[str] = ()


def ingest(layout: Layout, refs: Refs | None = None, patience: float = PATIENCE) -> Ingested:
    """Take in the commit that HEAD points to.

    Args:
        layout: of the repository.
        refs: where the refs point, if somebody asked git a moment ago.
        patience: seconds to wait for another process that writes the index.

    Returns:
        What is new in it and what was queued because of it.

    Raises:
        Locked: when the patience is at its end; nothing was queued.
    """
    with caught_up(layout, refs, patience) as (index, (head, new)):
        last = new[-1] if new and new[-1].sha == head else None
        return _ingest(layout, index, last or history.commit(layout.folder, "HEAD", under=layout.prefix), None)


def ingest_merge(layout: Layout, refs: Refs | None = None, patience: float = PATIENCE) -> Ingested:
    """Take in what a merge or a pull just brought to HEAD, as one change.

    Args:
        layout: of the repository.
        refs: as for `ingest`.
        patience: likewise.

    Returns:
        What was queued because of it; of step versions, which pipelines did not make, nothing is said.

    Raises:
        Locked: as `ingest` does.
    """
    with caught_up(layout, refs, patience) as (index, (head, _)):
        old = history.before_merge(layout.folder, head) if head else ""
        if not (head and old):
            return Ingested(head or "", [], [], [])
        return _react(layout, index, between(layout, index, old, head), Ingested(head, [], [], []), MERGE, None)


def ingest_later(layout: Layout, sha: str, branch: str, patience: float, old: str = "") -> Ingested | None:
    """Take in a commit that no hook could take in when it was made.

    Args:
        layout: of the repository.
        sha: the commit.
        branch: the branch that HEAD was on; empty where it was detached.
        patience: as in `ingest`.
        old: where a merge or a pull brought it: HEAD's commit before that.

    Returns:
        What came of it; ``None`` where no ref reaches it any more.

    Raises:
        Locked: as `ingest` does.
    """
    with caught_up(layout, None, patience) as (index, _):
        if not index.clock(sha):
            return None
        if old:
            return _react(layout, index, between(layout, index, old, sha), Ingested(sha, [], [], []), MERGE, branch)
        return _ingest(layout, index, history.commit(layout.folder, sha, under=layout.prefix), branch)


def _ingest(layout: Layout, index: Index, commit: Commit, branch: str | None) -> Ingested:
    ingested = Ingested(commit.sha, index.versions_in(commit.sha), [], [])
    if len(commit.parents) > 1:  # a merge whose conflicts were solved by hand is a merge like any other
        change = between(layout, index, commit.parents[0], commit.sha)
        return _react(layout, index, change, ingested, MERGE, branch)
    paths = by_all_names(layout, index, commit.sha, [path for path, _ in commit.changes])
    change = Change("".join(commit.parents), commit.sha, paths, {row.type for row in ingested.versions})
    return _react(layout, index, change, ingested, COMMIT, branch)


def _react(
    layout: Layout, index: Index, change: Change, ingested: Ingested, event: str, branch: str | None
) -> Ingested:
    """Queue the pipelines that an event runs, unless the commit's message or the user's trust says otherwise."""
    if any(map(is_pipeline, change.paths)):
        if event == COMMIT:
            _extend_trust(layout, index, change.new, ingested.broken)
        events = (event for pipeline in pipelines(layout, index, change.new, []) for event in pipeline.events)
        ingested = ingested._replace(asked=frozenset(events))
    found = list(wanted(layout, index, change, event, branch, ingested.broken))
    if found and is_skipped(layout, change.new):
        return ingested._replace(skipped=[pipeline.name for pipeline, _ in found])
    return queue(layout, index, found, event, ingested)


def queue(
    layout: Layout, index: Index, found: Sequence[tuple[Pipeline, str]], event: str, ingested: Ingested
) -> Ingested:
    """Queue pipelines at a commit, unless the user's trust says otherwise or they cannot run.

    Args:
        layout: of the repository.
        index: caught up.
        found: the pipelines, as the commit has them, and why each runs.
        event: that wants it.
        ingested: of the commit; takes in what is queued, and why others are not.

    Returns:
        The same, with the names of those that are not.
    """
    refused = untrusted(layout, (pipeline for pipeline, _ in found), event, ingested.commit)
    ingested.broken.extend(refused.errors)
    names = sorted(refused.names)
    for name, because in ((p.name, because) for p, because in found if p.name not in refused.names):
        problem = _problem(layout, index, ingested.commit, name)
        if problem:
            if str(problem) not in map(str, ingested.broken):  # the settings stop every pipeline
                ingested.broken.append(problem)
            names.append(name)
        else:
            run = _queue(layout, name, ingested.commit, because, again=event in (PUSH, TAG))
            ingested.runs.extend([run] if run.state not in ENDED else [])
    return ingested._replace(refused=[*ingested.refused, *names])


def _extend_trust(layout: Layout, index: Index, commit: str, broken: list[ZenrepoError]) -> None:
    try:
        extend(layout, index, commit)
    except NotTrusted:  # said where it keeps something from running
        pass
    except ZenrepoError as error:  # what was trusted before may still run
        broken.append(error)


def wanted(
    layout: Layout, index: Index, change: Change, event: str, branch: str | None, broken: list[ZenrepoError]
) -> Iterator[tuple[Pipeline, str]]:
    """Give the pipelines that a change runs, and why.

    Those that a merge runs asked for that before it: what somebody else wrote cannot switch itself on.

    Args:
        layout: of the repository.
        index: caught up.
        change: that the event brings.
        event: a commit, a merge or a push.
        branch: that it is on; HEAD's where it is ``None``.
        broken: takes in why pipelines cannot be read.
    """
    asked = {p.name for p in pipelines(layout, index, change.old, []) if MERGE in p.events} if event == MERGE else None
    for pipeline in pipelines(layout, index, change.new, broken) if asked is None or asked else ():
        if event in pipeline.events and (asked is None or pipeline.name in asked):
            because = reason(pipeline, change, layout, index)
            if because and on_branch(pipeline, layout, branch):
                yield pipeline, because


def is_skipped(layout: Layout, commit: str) -> bool:
    """Say whether a commit's message asks for no run."""
    text = history.message(layout.folder, commit).lower()
    return any(skip in text for skip in SKIPS)


def _queue(layout: Layout, pipeline: str, sha: str, reason: str, *, again: bool) -> Run:
    """Queue a run, unless a process that was killed right after it did so left the commit to this one.

    A commit is made once. What can come ``again``, as a tag or a push, is the same as long as its run waits.
    """
    with Journal(layout.own("runs.db")) as journal, journal.writing():
        same = (pipeline, sha, layout.folder, reason)
        there = journal.runs(pipeline, commit=sha)
        queued = (
            run
            for run in there
            if (run.pipeline, run.commit, run.root, run.reason) == same and (run.state == QUEUED or not again)
        )
        return next(queued, None) or journal.add(*same)


def _problem(layout: Layout, index: Index, commit: str, pipeline: str) -> ZenrepoError | None:
    """Say why a pipeline cannot run at a commit: who made it should hear it now, and not from a run that failed."""
    from zenrepo.flows.planning.resolve import read_checked  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits run one)

    path = f"{PIPELINES}/{pipeline}.yaml"
    try:
        text = tree.content(layout.folder, f"{commit}:{layout.prefix}{path}")
        read_checked(layout, index, commit, path, text)
    except ZenrepoError as error:
        return error
    return None
