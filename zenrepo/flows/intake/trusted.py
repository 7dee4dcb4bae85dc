"""Which triggers the user of this machine trusts: no other may run anything unasked.

What is trusted is the trigger section of each pipeline file that runs by itself, not its steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from zenrepo.errors import NotTrusted, PipelineFileError
from zenrepo.flows.intake.affected import Pipeline, pipeline_in, pipelines
from zenrepo.flows.lookup import commit_of
from zenrepo.git import history, tree
from zenrepo.git.locate import has_linked_worktrees, has_worktree
from zenrepo.git.own_commit import before_own_commit, is_own_commit, is_taken_over
from zenrepo.git.refs import look as look_at_refs
from zenrepo.index.store import Index
from zenrepo.layout import PIPELINES, Layout
from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # see `untrusted`
    from zenrepo.trust import Record

_BESIDE = ("FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD")
"""Where git keeps what came from elsewhere last, or was left behind."""

COMMIT, MANUAL, MERGE, PUSH, SCHEDULE = "commit", "manual", "merge", "push", "schedule"


class Trigger(NamedTuple):
    """A pipeline that runs by itself.

    Args:
        pipeline: it, as a commit has it.
        trusted: whether its trigger is.
    """

    pipeline: Pipeline
    trusted: bool


class Trust(NamedTuple):
    """What the user of this machine trusts of a repository.

    Args:
        known: whether it was trusted at all.
        merges: whether what others wrote may run when a merge or a pull brings it.
        triggers: of the pipelines that run by themselves, as a commit has them.
    """

    known: bool
    merges: bool
    triggers: list[Trigger]

    @property
    def missing(self) -> list[str]:
        """The pipelines whose trigger is not trusted."""
        return [found.pipeline.name for found in self.triggers if not found.trusted]


class Refused(NamedTuple):
    """What of some pipelines an event may not run.

    Args:
        names: of the pipelines.
        errors: why, each in one line that names the way out.
        merged: those among the pipelines that only merges may not run.
    """

    names: frozenset[str]
    errors: list[NotTrusted]
    merged: Sequence[str] = ()


def untrusted(layout: Layout, asked: Iterable[Pipeline], event: str, commit: str = "") -> Refused:
    """Say which pipelines an event may not run, though their triggers fit; call it right before they are queued.

    A trigger that was not trusted runs nothing, whatever the event. What a merge brings runs only where the user
    allowed that beside, and so does at its set time what the user did not commit here: a pull or a checkout would run
    it, only later. A cherry-pick and a push run what others wrote, too. In a clone with a working tree that is the same
    as a merge; in a bare repository a trigger is trusted by ``zenrepo trust`` alone, and never because of a commit.
    Where working trees are linked to that, whose commits do, a push needs the consent.

    Args:
        layout: of the repository.
        asked: the pipelines whose triggers fit, as the commit that would run has them.
        event: the event that would run them.
        commit: the commit that would run.

    Returns:
        Nothing where all may run; a record that cannot be read refuses them all.
    """
    asked = list(asked)
    if not asked:
        return Refused(frozenset(), [])
    from zenrepo import trust  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits run a pipeline)

    try:
        record = trust.read(layout)
    except NotTrusted as error:
        return Refused(frozenset(p.name for p in asked), [error])
    unknown = [p.name for p in asked if record is None or not record.knows(p.name, p.trigger)]
    merged = [p.name for p in asked if p.name not in unknown and record and not record.merges]
    merged = merged if merged and _is_others(layout, event, commit) else []
    errors = []
    if unknown:
        errors.append(NotTrusted(f"{_named(unknown)} not trusted on this machine; zenrepo trust"))
    if merged:
        errors.append(NotTrusted(f"{_listed(merged)} would run what others wrote; zenrepo trust --merges allows it"))
    return Refused(frozenset([*unknown, *merged]), errors, merged)


def _is_others(layout: Layout, event: str, commit: str) -> bool:
    """Say whether an event runs what others wrote, without the user's doing anything but taking it in."""
    if not has_worktree(layout):  # a commit in a working tree that it has trusts triggers, but not what is pushed
        return event == PUSH and has_linked_worktrees(layout)
    if event == COMMIT:
        return is_taken_over(layout, commit)
    return event in (MERGE, PUSH) or (event == SCHEDULE and not is_own_commit(layout, commit))


def extend(layout: Layout, index: Index, commit: str) -> None:
    """Trust the triggers that the user's own commit wrote in this clone, if those before it were trusted.

    An edited trigger is trusted where the one before was, a new pipeline where all that were there were. What a merge,
    a pull or a cherry-pick brought is not the user's own, and neither is what is committed on top of triggers that are
    not trusted.

    Args:
        layout: of the repository.
        index: caught up.
        commit: the commit that a hook takes in.

    Raises:
        NotTrusted: for a record that cannot be read.
        ZenrepoError: for one that cannot be written.
    """
    from zenrepo import trust  # noqa: PLC0415  (likewise, and few commits change a pipeline file)

    record = trust.read(layout)
    if record is None:
        return
    if all(record.knows(p.name, p.trigger) for p in asking(layout, index, commit)):
        return
    before = before_own_commit(layout, commit)
    own = None if before is None else _own(record, asking(layout, index, commit), asking(layout, index, before))
    if own:
        trust.extend(layout, _written_here(layout, index, commit, own))


def _written_here(layout: Layout, index: Index, commit: str, own: dict[str, str]) -> dict[str, str]:
    """Give those of some triggers that no other branch here has: such a commit only brings them from there.

    A squashed merge, a reset or a checkout of single files leaves nothing else to tell them by.
    """
    beside = filter(None, (history.resolve(layout.folder, name) for name in _BESIDE))
    tips = sorted({*look_at_refs(layout.folder, layout.git_folder).tips, *beside})
    written = {}
    for name, trigger in own.items():
        path = f"{PIPELINES}/{name}.yaml"
        blobs = tree.identify(layout.folder, [f"{tip}:{layout.prefix}{path}" for tip in tips])
        found = zip(tips, blobs, strict=True)
        there = (tip for tip, blob in found if blob and _trigger_of(layout, index, path, blob) == trigger)
        if all(history.merge_base(layout.folder, tip, commit) == commit for tip in there):  # they have it from there
            written[name] = trigger
    return written


def _trigger_of(layout: Layout, index: Index, path: str, blob: str) -> str:
    with suppress(PipelineFileError):
        return pipeline_in(layout, index, path, blob).trigger
    return ""


def would_trust(layout: Layout, index: Index, commit: str, before: str) -> set[str]:
    """Name the pipelines whose trigger the user's own commit on top of another would make a trusted one.

    Args:
        layout: of the repository.
        index: caught up.
        commit: what is to be committed.
        before: the other; empty before the first.
    """
    from zenrepo import trust  # noqa: PLC0415  (likewise)

    try:
        record = trust.read(layout)
    except NotTrusted:
        return set()
    return set(_own(record, asking(layout, index, commit), asking(layout, index, before))) if record else set()


def _own(record: Record, now: Iterable[Pipeline], before: Iterable[Pipeline]) -> dict[str, str]:
    """Give the triggers that are new, of pipelines that could run what they liked before."""
    known = {p.name: record.knows(p.name, p.trigger) for p in before}
    new = {p.name: p.trigger for p in now if not record.knows(p.name, p.trigger)}
    return {name: text for name, text in new.items() if known.get(name, all(known.values()))}


def look(layout: Layout, revision: str | None = None) -> Trust:
    """Say what is trusted, of the triggers that a commit has.

    Args:
        layout: of the repository.
        revision: the commit; by default HEAD, which need not be there yet.

    Raises:
        NotTrusted: for a record that cannot be read.
        UsageError: if there is no such commit.
    """
    from zenrepo import trust as room  # noqa: PLC0415  (likewise)

    record = room.read(layout)
    found = _asking_at(layout, revision)
    knows = record.knows if record else lambda *_: False
    return Trust(
        record is not None, bool(record and record.merges), [Trigger(p, knows(p.name, p.trigger)) for p in found]
    )


def trust(layout: Layout, revision: str | None = None, merges: bool | None = None) -> None:
    """Trust the triggers that a commit has, beside those that are trusted.

    Args:
        layout: of the repository.
        revision: as in `look`.
        merges: whether merges may run what others wrote; as it was where it is ``None``.

    Raises:
        UsageError: if there is no such commit.
        ZenrepoError: where nothing can be written.
    """
    from zenrepo import trust as room  # noqa: PLC0415  (likewise)

    found = _asking_at(layout, revision)
    room.keep(layout, {pipeline.name: pipeline.trigger for pipeline in found}, merges)


def _asking_at(layout: Layout, revision: str | None) -> list[Pipeline]:
    commit = commit_of(layout, revision) if revision else history.resolve(layout.folder, "HEAD") or ""
    with Index(layout.own("index.db")) as index:
        return asking(layout, index, commit)


def asking(layout: Layout, index: Index, commit: str) -> list[Pipeline]:
    """Give the pipelines of a commit that run by themselves, by name; those that cannot be read do not."""
    found = pipelines(layout, index, commit, []) if commit else ()
    return sorted(p for p in found if set(p.events) - {MANUAL})


def _named(names: list[str]) -> str:
    return f"the trigger of {_listed(names)} is" if len(names) == 1 else f"the triggers of {_listed(names)} are"


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
