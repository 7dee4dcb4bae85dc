"""Bring the index up to the refs: every commit is read once, parents before children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from zenrepo.git import history, refs
from zenrepo.git.history import Commit
from zenrepo.git.links import LINK
from zenrepo.git.refs import Refs
from zenrepo.index.failures import may_read_more, note_failure
from zenrepo.index.snapshot import Snapshot, Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import Layout
from zenrepo.sources.model import StepVersion
from zenrepo.values import NamedTuple

_BATCH = 1000
"""Commits whose blobs are read at once."""


class CaughtUp(NamedTuple):
    """What a catch-up found.

    Args:
        head: the commit that HEAD points to; ``None`` before the first.
        new: the commits that it read, parents before children.
    """

    head: str | None
    new: Sequence[Commit]


def catch_up(index: Index, layout: Layout, seen: Refs | None = None) -> CaughtUp:
    """Read every commit that the refs reach and the index does not hold yet.

    Args:
        index: brought up to date, whole or not at all.
        layout: of the repository.
        seen: where the refs point, if somebody asked git a moment ago.

    Returns:
        Where HEAD is, and what was read.
    """
    now = seen or refs.look(layout.folder, layout.git_folder)
    tips = index.tips()
    if tips == now.tips and index.grafts() == now.grafts and not may_read_more(index):
        return CaughtUp(now.head, [])
    with index.writing():
        if index.tips() != tips:  # another process put newer ones in meanwhile
            now = refs.look(layout.folder, layout.git_folder)
        if index.grafts() != now.grafts or may_read_more(index):
            _forget_all(index, now)
        new = _bring_up(index, layout, now)
    return CaughtUp(now.head, new)


def _forget_all(index: Index, now: Refs) -> None:
    index.clear(now.grafts)
    note_failure(index, "")


def _bring_up(index: Index, layout: Layout, now: Refs) -> list[Commit]:
    """Put what is new in, and take out what no ref reaches any more."""
    tips = index.tips()
    new = list(history.commits(layout.folder, now.tips, tips, under=layout.prefix))
    gone = tips - now.tips - {parent for commit in new for parent in commit.parents}
    lost = history.lost(layout.folder, gone, now.tips)
    if lost is None:
        _forget_all(index, now)
        new = list(history.commits(layout.folder, now.tips, (), under=layout.prefix))
    else:
        index.forget(lost)
    clocks = _clocks(new, index)
    index.keep_clocks(clocks)
    index.add_versions(_introduced(new, clocks, Snapshots(layout, index), now.head))
    index.set_tips(now.tips)
    return new


def _clocks(new: Sequence[Commit], index: Index) -> dict[str, int]:
    """Set the clocks of new commits; see `VersionRow`."""
    clocks: dict[str, int] = {}
    for commit in new:
        before = (clocks[sha] if sha in clocks else index.clock(sha) for sha in commit.parents)
        clocks[commit.sha] = max(commit.time, *(clock + 1 for clock in before), 0)
    return clocks


def _introduced(
    new: Sequence[Commit], clocks: Mapping[str, int], snapshots: Snapshots, head: str | None
) -> Iterator[tuple[object, ...]]:
    """Give a row for each step version that a commit holds and none of its parents does."""
    waiting = Counter(parent for commit in new for parent in commit.parents)
    held: dict[str, Snapshot] = {}
    for number, commit in enumerate(new):
        parents = [held[sha] if sha in held else held.setdefault(sha, snapshots.at(sha)) for sha in commit.parents]
        base = parents[0] if parents else snapshots.at(commit.sha)
        if number % _BATCH == 0:
            _read_ahead(new[number : number + _BATCH], base, snapshots)
        snapshot = snapshots.after(base, commit) if parents else base
        if commit.sha == head:
            snapshots.keep(commit.sha, snapshot)
        if waiting[commit.sha]:
            held[commit.sha] = snapshot
        for sha in commit.parents:
            waiting[sha] -= 1
            if not waiting[sha]:
                del held[sha]
        for row in _rows(commit, snapshot, parents, snapshots):
            yield (*row, clocks[commit.sha])


def _read_ahead(batch: Sequence[Commit], base: Snapshot, snapshots: Snapshots) -> None:
    """Look at all the Python files of some commits at once; git takes as long for one as for a thousand."""
    written = ((path, blob) for commit in batch for path, blob in commit.changes if blob and path.endswith(".py"))
    changes = [(path, blob) for path, blob in written if not blob.startswith(LINK)]
    snapshots.read((blob for _, blob in changes), frozenset(blob for path, blob in changes if path in base.users))


def _rows(
    commit: Commit, snapshot: Snapshot, parents: Sequence[Snapshot], snapshots: Snapshots
) -> Iterator[tuple[object, ...]]:
    if any(snapshot.steps is parent.steps for parent in parents):
        return
    for name, version in snapshot.steps.items():
        before = [parent for parent in parents if name in parent.steps]
        if all(parent.steps[name].code_digest != version.code_digest for parent in before):
            origin = "" if before or not parents else _origin(version, snapshot, parents[0])
            first = "moved" if origin else "new"
            change = _change(version, snapshot, before[0], snapshots) if before else first
            facts = (name, commit.sha, version.code_digest, version.kind, change, origin, version.path)
            yield (*facts, commit.time, commit.author, commit.subject)


def _origin(version: StepVersion, snapshot: Snapshot, parent: Snapshot) -> str:
    """Find the step type of the parent that a new one was until this commit; an empty string where there is none.

    Among the types that are gone: one of the same code, one of the same class name, or the only one of the same file.
    """
    gone = [old for name, old in parent.steps.items() if name not in snapshot.steps and old.kind == version.kind]
    same_code = [old.type for old in gone if old.code_digest == version.code_digest]
    same_name = [old.type for old in gone if old.qualname == version.qualname]
    same_file = [old.type for old in gone if old.path == version.path]
    new_there = [v for n, v in snapshot.steps.items() if n not in parent.steps and v.path == version.path]
    if same_code:
        return same_code[0]
    if len(same_name) == 1:
        return same_name[0]
    return same_file[0] if len(same_file) == len(new_there) == 1 else ""


def _change(version: StepVersion, snapshot: Snapshot, before: Snapshot, snapshots: Snapshots) -> str:
    """Say what made a version new: its own class, the rest of its module, or which of the modules that it imports."""
    old = before.steps[version.type]
    if snapshots.class_digest(snapshot, version) != snapshots.class_digest(before, old):
        return "class"
    if snapshot.files[version.path] != before.files[old.path]:
        return "module"
    now = {path: snapshot.files[path] for _, path in version.closure}
    then = {path: before.files[path] for _, path in old.closure}
    return "helper " + ", ".join(sorted(path for path in {**now, **then} if now.get(path) != then.get(path)))
