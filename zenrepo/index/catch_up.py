"""Bring the index up to the refs: every commit is read once, parents before children."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from zenrepo.git import history, tree
from zenrepo.git.history import Commit
from zenrepo.index.blobs import Blobs
from zenrepo.index.store import Index
from zenrepo.layout import CONFIG, Layout
from zenrepo.sources.discover import Tree
from zenrepo.sources.model import ModuleFacts, StepVersion
from zenrepo.sources.modules import Module, module_name, modules_of

_BATCH = 1000
"""Commits whose blobs are read at once."""


@dataclass
class Snapshot:
    """What one commit holds.

    Args:
        files: blob id by path, of Python files and the configuration.
        source_roots: the folders that modules are named from.
        tree: the modules.
        steps: the step versions by type.
    """

    files: Mapping[str, str]
    source_roots: Sequence[str]
    tree: Tree
    steps: dict[str, StepVersion] = field(default_factory=dict)


class Snapshots:
    """Makes the snapshots of commits, from nothing or from that of a parent.

    Args:
        layout: of the repository.
        index: where what was read of blobs is kept.
    """

    def __init__(self, layout: Layout, index: Index) -> None:
        self._layout = layout
        self._index = index
        self._blobs = Blobs(index, layout.common)

    def facts(self, blob: str) -> ModuleFacts:
        """Give the facts of a Python file."""
        return self._blobs.facts(blob)

    def read(self, blobs: Iterable[str]) -> None:
        """Read many Python files at once, ahead of the snapshots that need them."""
        self._blobs.read(blobs)

    def at(self, commit: str) -> Snapshot:
        """Make the snapshot of a commit or tree from its files alone."""
        listed = tree.files(self._layout.common, commit, under=self._layout.prefix)
        return self._whole({path: blob for path, blob in listed.items() if _counts(path)})

    def after(self, parent: Snapshot, commit: Commit) -> Snapshot:
        """Make the snapshot of a commit from its first parent's and what it changed."""
        changes = [(path, blob) for path, blob in commit.changes if _counts(path)]
        if not changes:
            return parent
        files = dict(parent.files)
        for path, blob in changes:
            if blob:
                files[path] = blob
            else:
                files.pop(path, None)
        edited = self._edited(parent, changes)
        if edited is None:
            return self._whole(files)
        modules = parent.tree.edited(edited)
        steps = dict(parent.steps)
        for name, version in parent.steps.items():
            if any(module in edited for module, _, _ in version.closure):
                steps[name] = modules.version(version.module, _qualname(version), version.facts.kind)
        return Snapshot(files, parent.source_roots, modules, steps)

    def _whole(self, files: Mapping[str, str]) -> Snapshot:
        self._blobs.read(blob for path, blob in files.items() if path != CONFIG)
        roots = self._source_roots(files.get(CONFIG))
        modules = Tree(modules_of(files, roots), self._blobs.facts)
        return Snapshot(files, roots, modules, modules.steps())

    def _edited(self, parent: Snapshot, changes: Sequence[tuple[str, str]]) -> dict[str, Module] | None:
        """Give the modules with a new blob; ``None`` where types or closures may have changed with them."""
        edited = {}
        for path, blob in changes:
            named = module_name(path, parent.source_roots)
            old = parent.files.get(path)
            if path == CONFIG or old is None or not blob:
                return None
            if self._blobs.facts(old).shape != self._blobs.facts(blob).shape:
                return None
            if named and parent.tree.modules[named[0]].path == path:
                edited[named[0]] = Module(named[0], path, blob, named[1])
        return edited

    def _source_roots(self, blob: str | None) -> Sequence[str]:
        if blob is None:
            return (".",)
        kept = self._index.file(CONFIG, blob)
        if kept is None:
            from zenrepo import config  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits change the settings)

            text = tree.content(self._layout.common, blob)
            kept = json.dumps(config.read(text).source_roots)
            self._index.keep_file(CONFIG, blob, kept)
        roots: list[str] = json.loads(kept)
        return roots


def _counts(path: str) -> bool:
    return path.endswith(".py") or path == CONFIG


def _qualname(version: StepVersion) -> str:
    return version.type[len(version.module) + 1 :]


def catch_up(index: Index, layout: Layout) -> None:
    """Read every commit that the refs reach and the index does not hold yet.

    Args:
        index: brought up to date, whole or not at all.
        layout: of the repository.
    """
    tips = history.tips(layout.common)
    if index.tips() == set(tips):
        return
    with index.writing():
        known = index.tips()
        new = list(history.commits(layout.common, tips, known, under=layout.prefix))
        index.add_versions(_introduced(new, Snapshots(layout, index)))
        index.set_tips(tips)


def _introduced(new: Sequence[Commit], snapshots: Snapshots) -> Iterator[tuple[object, ...]]:
    """Give a row for each step version that a commit holds and none of its parents does."""
    waiting = Counter(parent for commit in new for parent in commit.parents)
    held: dict[str, Snapshot] = {}
    for number, commit in enumerate(new):
        if number % _BATCH == 0:
            snapshots.read(
                blob for c in new[number : number + _BATCH] for path, blob in c.changes if blob and path.endswith(".py")
            )
        parents = [held[sha] if sha in held else held.setdefault(sha, snapshots.at(sha)) for sha in commit.parents]
        snapshot = snapshots.after(parents[0], commit) if parents else snapshots.at(commit.sha)
        if waiting[commit.sha]:
            held[commit.sha] = snapshot
        for sha in commit.parents:
            waiting[sha] -= 1
            if not waiting[sha]:
                del held[sha]
        yield from _rows(commit, snapshot, parents)


def _rows(commit: Commit, snapshot: Snapshot, parents: Sequence[Snapshot]) -> Iterator[tuple[object, ...]]:
    if any(snapshot.steps is parent.steps for parent in parents):
        return
    for name, version in snapshot.steps.items():
        before = [parent.steps[name] for parent in parents if name in parent.steps]
        if all(version.code_digest != old.code_digest for old in before):
            change = _change(version, before[0]) if before else "new"
            facts = (name, commit.sha, version.code_digest, version.facts.kind, change, version.path)
            yield (*facts, commit.time, commit.author, commit.subject)


def _change(version: StepVersion, before: StepVersion) -> str:
    """Say what made a version new: its own module, or which of the modules that it imports."""
    old = {module: blob for module, _, blob in before.closure}
    changed = [(module, path) for module, path, blob in version.closure if old.get(module) != blob]
    if any(module == version.module for module, _ in changed):
        return "module"
    gone = [path for module, path, _ in before.closure if module not in {m for m, _, _ in version.closure}]
    return "helper " + ", ".join([path for _, path in changed] + gone)
