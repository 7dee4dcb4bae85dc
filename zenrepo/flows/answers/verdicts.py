"""Which pipelines an event runs, and why not the others: asked of a commit, a range, a tag or a push."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from zenrepo.errors import UsageError
from zenrepo.flows.intake.affected import Change, Pipeline, matches, on_branch, pipelines, reason
from zenrepo.flows.intake.ingest import COMMIT, MERGE, PUSH, SCHEDULE, SKIPS, TAG, is_skipped
from zenrepo.flows.intake.received import TAGS
from zenrepo.flows.intake.trusted import untrusted
from zenrepo.flows.lookup import commit_of
from zenrepo.git import history
from zenrepo.git.locate import has_worktree
from zenrepo.git.uncommitted import as_commit
from zenrepo.index.store import Index
from zenrepo.layout import Layout

_RANGE = ".."


class Question(NamedTuple):
    """What is asked about.

    Args:
        event: a commit, a merge, a push, or a tag.
        old: the commit before; empty before the first.
        new: the commit after.
        uncommitted: whether that stands for what is uncommitted.
        branch: that it is on; HEAD's where it is ``None``.
        tag: the name of the tag; empty for none.
    """

    event: str
    old: str
    new: str
    uncommitted: bool = False
    branch: str | None = None
    tag: str = ""


class Verdict(NamedTuple):
    """Whether an event runs a pipeline.

    Args:
        pipeline: it, as the commit has it.
        runs: whether it would run.
        why: or why not.
    """

    pipeline: Pipeline
    runs: bool
    why: str

    def but(self, what: str) -> Verdict:
        """Say what else keeps it from running."""
        return Verdict(self.pipeline, False, f"{self.why}, but {what}")


def question(
    layout: Layout, revision: str | None = None, *, tag: str | None = None, branch: str | None = None
) -> Question:
    """Find out what is asked about.

    Args:
        layout: of the repository; in a bare one everything that is no tag is a push.
        revision: a commit; the name of a tag; ``A..B`` for all that lies between two, as one change; by default all
            that is uncommitted, and ``HEAD`` where nothing is.
        tag: the name of a tag that the commit is to have, or has.
        branch: that it is on; by default the one that a push names with ``revision``, else HEAD's.

    Raises:
        UsageError: if there is no such commit.
    """
    if tag is None and revision and history.resolve(layout.folder, f"{TAGS}{revision}"):
        tag = revision
    if tag is not None:
        if revision and _RANGE in revision:
            raise UsageError(f"'{revision}' is a range, and a tag names one commit", "give that commit")
        new = commit_of(layout, revision or "HEAD")
        return Question(TAG, history.resolve(layout.folder, f"{new}^") or "", new, branch=branch, tag=tag)
    found = _ends(layout, revision)
    if has_worktree(layout):
        return found._replace(branch=branch)
    named = (revision or "").rpartition(_RANGE)[2]
    known = named if named in history.branches(layout.folder) else history.branch(layout.folder)
    return found._replace(event=PUSH, branch=branch or known)


def _ends(layout: Layout, revision: str | None) -> Question:
    """Give the commits before and after a change."""
    if revision and _RANGE in revision:
        old, _, new = revision.partition(_RANGE)
        if new.startswith("."):
            raise UsageError(f"'{revision}' has three dots", "write A..B: what came from A to B")
        return Question(COMMIT, commit_of(layout, old or "HEAD"), commit_of(layout, new or "HEAD"))
    if revision is None and has_worktree(layout):
        made = as_commit(layout.root)
        if made:
            return Question(COMMIT, history.resolve(layout.folder, "HEAD") or "", made, uncommitted=True)
    if revision not in (None, "HEAD") and history.resolve(layout.folder, revision) is None:
        tag = f"'zenrepo impact --tag {revision}' asks about a tag that is not there yet"
        raise UsageError(f"no commit is named '{revision}'", f"give a branch, a tag or a commit id; {tag}")
    new = commit_of(layout, revision or "HEAD")
    event = MERGE if history.resolve(layout.folder, f"{new}^2") else COMMIT
    return Question(event, history.resolve(layout.folder, f"{new}^") or "", new)


def verdicts(
    layout: Layout, index: Index, found: Iterable[Pipeline], change: Change, asked: Question, own: set[str]
) -> list[Verdict]:
    """Say of each pipeline whether an event runs it, as the hook of the event would decide.

    Args:
        layout: of the repository.
        index: caught up.
        found: the pipelines of the commit.
        change: that the event brings.
        asked: the event.
        own: the pipelines whose trigger is trusted as soon as the change is committed.
    """
    said = [_verdict(layout, index, pipeline, change, asked) for pipeline in found]
    refused = untrusted(layout, [v.pipeline for v in said if v.runs and v.pipeline.name not in own], asked.event)
    whys = dict.fromkeys(refused.names, "its trigger is not trusted on this machine (zenrepo trust)")
    whys |= dict.fromkeys(refused.merged, "merges may not run what others wrote (zenrepo trust --merges)")
    said = [v.but(whys[v.pipeline.name]) if v.pipeline.name in whys else v for v in said]
    skipped = _is_skipped(layout, asked)
    return [v.but("its message says to queue no run") if v.runs and skipped else v for v in said]


def _verdict(layout: Layout, index: Index, pipeline: Pipeline, change: Change, asked: Question) -> Verdict:
    if asked.event not in pipeline.events:
        return Verdict(pipeline, False, f"it runs {' and '.join(when(pipeline))}, not on a {asked.event}")
    if asked.event == TAG:
        return _of_tag(layout, pipeline, asked)
    if asked.event == MERGE and pipeline.name not in {
        p.name for p in pipelines(layout, index, change.old, []) if MERGE in p.events
    }:
        return Verdict(pipeline, False, "its trigger did not have merge before")
    because = reason(pipeline, change, layout, index)
    if not because:
        return Verdict(pipeline, False, "nothing of it changed")
    branch = history.branch(layout.folder) if asked.branch is None else asked.branch
    found = Verdict(pipeline, True, f"push to {branch}: {because}" if asked.event == PUSH else because)
    if on_branch(pipeline, layout, branch):
        return found
    return found.but(f"it runs on {', '.join(pipeline.branches)}, and this is {branch or 'no branch'}")


def _of_tag(layout: Layout, pipeline: Pipeline, asked: Question) -> Verdict:
    if not matches(asked.tag, pipeline.tags):
        return Verdict(pipeline, False, f"it runs {' and '.join(when(pipeline))}, and this is tag {asked.tag}")
    found = Verdict(pipeline, True, f"{TAG} {asked.tag}")
    if has_worktree(layout) and not history.on_local_branch(layout.folder, asked.new):
        return found.but("no branch here has its commit")
    return found


def _is_skipped(layout: Layout, asked: Question) -> bool:
    if asked.event != TAG:
        return is_skipped(layout, asked.new)
    text = history.tag_message(layout.folder, f"{TAGS}{asked.tag}").lower()
    return any(skip in text for skip in SKIPS)


def when(pipeline: Pipeline) -> list[str]:
    """Say in words what runs a pipeline: ``on a commit``, ``on tag v*``, ``at 0 3 * * *``, ``by hand``."""
    times, *zone = [*pipeline.schedule, ""]
    special = {
        TAG: f"on tag {', '.join(pipeline.tags)}" if pipeline.tags else "on a tag",
        SCHEDULE: f"at {times}{f' ({zone[0]})' if zone and zone[0] else ''}",
        "manual": "by hand",
    }
    return [special.get(event, f"on a {event}") for event in pipeline.events] or ["by hand"]
