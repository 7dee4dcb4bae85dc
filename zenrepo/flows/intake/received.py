"""Ingest what refs were updated to: pushes that a repository received, and tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zenrepo.database import PATIENCE
from zenrepo.errors import UsageError
from zenrepo.flows.intake.affected import Change, Pipeline, between, matches, pipelines
from zenrepo.flows.intake.ingest import PUSH, SKIPS, TAG, Ingested, is_skipped, queue, wanted
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history
from zenrepo.git.locate import has_worktree
from zenrepo.index.store import Index
from zenrepo.layout import PIPELINES, Layout
from zenrepo.values import NamedTuple

BRANCHES, TAGS = "refs/heads/", "refs/tags/"


class Update(NamedTuple):
    """What became of a ref.

    Args:
        old: what it pointed to; zeros where it was not there, or where git does not tell.
        new: what it points to; zeros where it was deleted.
        ref: its whole name.
    """

    old: str
    new: str
    ref: str


def read_updates(text: str) -> list[Update]:
    """Read what git tells a hook of refs; branches and tags count, and those that were deleted do not."""
    updates = (Update(*line.split(" ", 2)) for line in text.splitlines() if line.count(" ") > 1)
    return [update for update in updates if update.ref.startswith((BRANCHES, TAGS)) and update.new.strip("0")]


def ingest_received(layout: Layout, updates: Iterable[Update], patience: float = PATIENCE) -> list[Ingested]:
    """Take in a push.

    What it brought to a branch is one change: from where the branch was before; for a new one from where it left the
    branch that HEAD names. Branches that it moved to one commit run a pipeline once.

    Args:
        layout: of the repository.
        updates: as `read_updates` gives them.
        patience: seconds to wait for another process that writes the index.

    Returns:
        What came of each commit that a branch or a tag points to now.

    Raises:
        Locked: when the patience is at its end; nothing was queued.
    """
    updates = list(updates)
    done: dict[str, Ingested] = {}
    with caught_up(layout, None, patience) as (index, (head, _)):
        for update in updates:
            if update.ref.startswith(BRANCHES):
                came = done.setdefault(update.new, Ingested(update.new, [], [], []))
                done[update.new] = _take_branch(layout, index, update, head, came)
        tags = [_take_tag(layout, index, update) for update in updates if update.ref.startswith(TAGS)]
    return [*done.values(), *(came for came in tags if came)]


def ingest_tags(layout: Layout, updates: Iterable[Update], patience: float = PATIENCE) -> list[Ingested]:
    """Take in tags that the user of a clone made or moved; one whose commit is on no branch here runs nothing.

    Args:
        layout: of the repository.
        updates: as `read_updates` gives them.
        patience: as in `ingest_received`.

    Returns:
        What came of each.

    Raises:
        Locked: as `ingest_received` does.
    """
    with caught_up(layout, None, patience) as (index, _):
        found = [_take_tag(layout, index, update, own=True) for update in updates if update.ref.startswith(TAGS)]
    return [came for came in found if came]


def _take_branch(layout: Layout, index: Index, update: Update, head: str | None, came: Ingested) -> Ingested:
    branch = update.ref.removeprefix(BRANCHES)
    change = _change(layout, index, update, head)
    found = list(wanted(layout, index, change, PUSH, branch, [] if came.broken else came.broken))
    if not came.broken and not has_worktree(layout) and (error := only_at_the_top(change.paths)):
        came.broken.append(error)
    known = {run.pipeline for run in came.runs}
    new = [(pipeline, f"push to {branch}: {why}") for pipeline, why in found if pipeline.name not in known]
    if new and is_skipped(layout, update.new):
        return came._replace(skipped=[pipeline.name for pipeline, _ in new])
    return queue(layout, index, new, PUSH, came)


def only_at_the_top(paths: Iterable[str]) -> UsageError | None:
    """Say that a bare repository runs no project in a subfolder; nothing where there is none.

    Args:
        paths: files of a commit, or those that it changed.
    """
    below = sorted({path.partition(f"/{PIPELINES}/")[0] for path in paths if f"/{PIPELINES}/" in path})
    if not below:
        return None
    named = ", ".join(f"'{folder}'" for folder in below)
    return UsageError(
        f"a bare repository runs the pipelines at its top alone, and not those in {named}",
        "push to a clone with a working tree, which runs both: git config receive.denyCurrentBranch updateInstead",
    )


def _change(layout: Layout, index: Index, update: Update, head: str | None) -> Change:
    old = update.old if update.old.strip("0") else ""
    if not old and head and history.branch(layout.folder) != update.ref.removeprefix(BRANCHES):
        old = history.merge_base(layout.folder, head, update.new)
    return between(layout, index, old or history.nothing(layout.folder), update.new)


def _take_tag(layout: Layout, index: Index, update: Update, *, own: bool = False) -> Ingested | None:
    """Queue what a tag runs; nothing for one that names no commit."""
    commit = history.resolve(layout.folder, update.new)
    if commit is None:
        return None
    name = update.ref.removeprefix(TAGS)
    came = Ingested(commit, [], [], [])
    found = [p for p in pipelines(layout, index, commit, came.broken) if TAG in p.events and matches(name, p.tags)]
    if found and own and not history.on_local_branch(layout.folder, commit):
        came.broken.append(UsageError(f"no branch here has the commit of tag '{name}'; {_by_hand(found, name)}"))
    elif found and _skips(layout, update):
        return came._replace(skipped=[pipeline.name for pipeline in found])
    else:
        # what is pushed is others', a tag like a branch
        return queue(layout, index, [(pipeline, f"{TAG} {name}") for pipeline in found], TAG if own else PUSH, came)
    return came


def _by_hand(found: Sequence[Pipeline], tag: str) -> str:
    return "; ".join(f"zenrepo run {pipeline.name} --at {tag}" for pipeline in found)


def _skips(layout: Layout, update: Update) -> bool:
    """Say whether the message of a tag itself asks for no run; that of its commit is not about the tag."""
    text = history.tag_message(layout.folder, update.new).lower()
    return any(skip in text for skip in SKIPS)
