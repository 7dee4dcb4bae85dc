"""What commits hold: made from nothing, from the parent's, or from what was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zenrepo.git import tree
from zenrepo.git.history import Commit
from zenrepo.git.links import LINK
from zenrepo.index.store import Index
from zenrepo.layout import CONFIG, PIPELINES, ZENML, Layout
from zenrepo.packed import pack, unpack
from zenrepo.sources.model import StepVersion
from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # reading sources costs a look-up more than its work, and most look-ups find no new ones
    from zenrepo.index.blobs import Blobs
    from zenrepo.sources.discover import Tree
    from zenrepo.sources.modules import Module
    from zenrepo.sources.release import Shipped

_KEPT = 16
"""Snapshots that are kept: those of the tips that were looked at last."""


class Snapshot(NamedTuple):
    """What one commit holds.

    Args:
        files: blob id by path, of Python files, pipeline files and the settings; with `LINK` before it, of symlinks.
        source_roots: the folders that modules are named from.
        steps: the step versions by type.
        users: the step types whose closure has a file, by path; none for a file in which the base of a class was looked
            for, and whose edit may make a step of it.
    """

    files: Mapping[str, str]
    source_roots: Sequence[str]
    steps: Mapping[str, StepVersion]
    users: Mapping[str, Sequence[str]]


class Snapshots:
    """Makes the snapshots of commits.

    Args:
        layout: of the repository.
        index: where what was read of blobs is kept.
    """

    def __init__(self, layout: Layout, index: Index) -> None:
        self._layout = layout
        self._index = index
        self._made: Blobs | None = None

    @property
    def _blobs(self) -> Blobs:
        if self._made is None:
            from zenrepo.index.blobs import Blobs  # noqa: PLC0415  (see the top)

            self._made = Blobs(self._index, self._layout.folder, self._layout.git_folder)
        return self._made

    def at(self, commit: str) -> Snapshot:
        """Give the snapshot of a commit, kept or made from its files alone."""
        files, steps = self._index.files_of(commit), self._index.steps_of(commit)
        if files is not None and steps is not None:
            return _unpack(files, steps)
        listed = tree.files(self._layout.folder, commit, under=self._layout.prefix, links=True)
        return self._whole({path: blob for path, blob in listed.items() if _counts(path, blob)})

    def files_at(self, commit: str) -> Mapping[str, str]:
        """Give the files of a commit, as `Snapshot` has them."""
        kept = self._index.files_of(commit)
        return self.at(commit).files if kept is None else _unpack_files(kept)[0]

    def links(self, commit: str) -> Mapping[str, str]:
        """Give what the symlinks of a commit point to, by path."""
        files = self.files_at(commit)
        return self._blobs.targets(files) if any(blob.startswith(LINK) for blob in files.values()) else {}

    def steps_at(self, commit: str) -> Mapping[str, StepVersion]:
        """Give the step versions of a commit; what was not kept is kept now, for the next look-up."""
        kept = self._index.steps_of(commit)
        if kept is not None:
            return _unpack_steps(kept)
        snapshot = self.at(commit)
        with self._index.writing():
            self.keep(commit, snapshot)
        return snapshot.steps

    def after(self, parent: Snapshot, commit: Commit) -> Snapshot:
        """Make the snapshot of a commit from its first parent's and what it changed."""
        changes = {path: b if _counts(path, b) else "" for path, b in commit.changes}
        changes = {path: blob for path, blob in changes.items() if blob or path in parent.files}
        if not changes:
            return parent
        files = {path: blob for path, blob in {**parent.files, **changes}.items() if blob}
        if not all(self._keeps_shape(parent, path, blob) for path, blob in changes.items()):
            return self._whole(files)
        again = {name for path in changes for name in parent.users.get(path, ())}
        if not again:
            return parent._replace(files=files)
        steps = {name: self._again(v, files) if name in again else v for name, v in parent.steps.items()}
        return parent._replace(files=files, steps=steps)

    def keep(self, commit: str, snapshot: Snapshot) -> None:
        """Keep a snapshot for the next commit and the next look-up."""
        self._index.keep_snapshot(commit, *_pack(snapshot), _KEPT)

    def read(self, blobs: Iterable[str], imported: frozenset[str]) -> None:
        """Look at many Python files at once, ahead of the snapshots that need them; see `Blobs.read`."""
        self._blobs.read(blobs, imported)

    def tree(self, snapshot: Snapshot) -> Tree:
        """Give the modules of a snapshot, to ask more of them."""
        from zenrepo.sources.discover import Tree  # noqa: PLC0415  (see the top)

        return Tree(self._modules(snapshot), self._blobs.facts, self._blobs.has_classes)

    def shipped(self) -> dict[str, Shipped]:
        """Give the steps that ship with this release, whose sources are read once for all."""
        from zenrepo.sources.release import shipped_steps  # noqa: PLC0415  (see the top)

        return shipped_steps(self._blobs.facts_of_sources)

    def unreadable(self, snapshot: Snapshot) -> dict[str, str]:
        """Give the files of a snapshot that were passed over, because they are no Python, and why."""
        modules = self._modules(snapshot).values()
        self._blobs.parse([module.blob for module in modules])
        return {module.path: error for module in modules if (error := self._blobs.facts(module.blob).error)}

    def _modules(self, snapshot: Snapshot) -> dict[str, Module]:
        from zenrepo.sources.modules import modules_of  # noqa: PLC0415  (see the top)

        return modules_of(snapshot.files, snapshot.source_roots, self._blobs.targets(snapshot.files))

    def class_digest(self, snapshot: Snapshot, version: StepVersion) -> str:
        """Give the digest of a step's own class."""
        classes = self._blobs.facts(snapshot.files[version.path]).classes
        return [found.digest for found in classes if found.qualname == version.qualname][-1]

    def _whole(self, files: Mapping[str, str]) -> Snapshot:
        self._blobs.read(blob for path, blob in files.items() if path.endswith(".py") and not blob.startswith(LINK))
        bare = Snapshot(files, self._source_roots(files.get(CONFIG)), {}, {})
        tree_of_files = self.tree(bare)
        steps = tree_of_files.steps()
        return bare._replace(steps=steps, users=_users(steps, tree_of_files.asked()))

    def _keeps_shape(self, parent: Snapshot, path: str, blob: str) -> bool:
        """Say whether an edit leaves all types and closures as they are."""
        old = parent.files.get(path)
        if path.startswith(PIPELINES):
            return True
        if path == CONFIG or old is None or not blob or old.startswith(LINK) or blob.startswith(LINK):
            return False
        if path not in parent.users and not self._blobs.has_classes(old) and not self._blobs.has_classes(blob):
            return True
        return self._blobs.facts(old).shape == self._blobs.facts(blob).shape

    def _again(self, version: StepVersion, files: Mapping[str, str]) -> StepVersion:
        """Identify a version anew, of which some files have other blobs of the same shape."""
        from zenrepo.sources.digest import version_digest  # noqa: PLC0415  (see the top)

        digests = {module: self._blobs.facts(files[path]).digest for module, path in version.closure}
        own = digests.pop(version.module)
        return version._replace(code_digest=version_digest(version.qualname, own, digests.items()))

    def _source_roots(self, blob: str | None) -> Sequence[str]:
        if blob is None:
            return (".",)
        kept = self._index.note(CONFIG, blob)
        if kept is None:
            from zenrepo import config  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits change the settings)

            text = tree.content(self._layout.folder, blob)
            kept = "\0".join(config.source_roots(text))
            self._index.keep_note(CONFIG, kept, blob)
        return kept.split("\0")


def _counts(path: str, blob: str) -> bool:
    """Say whether a file or symlink can make a difference; pipeline files and settings are files of their own."""
    if blob.startswith(LINK):
        return not path.startswith(ZENML + "/")
    return path.endswith(".py") or path == CONFIG or path.startswith(PIPELINES)


def _users(steps: Mapping[str, StepVersion], asked: Iterable[str]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {path: [] for path in asked}
    for name, version in steps.items():
        for _, path in version.closure:
            users.setdefault(path, []).append(name)
    return users


def _pack(snapshot: Snapshot) -> tuple[str, str]:
    asked = [path for path, names in snapshot.users.items() if not names]
    files = pack([list(snapshot.files), list(snapshot.files.values()), snapshot.source_roots, asked])
    steps = pack(
        [v.type, v.kind, v.module, v.code_digest, *(name for pair in v.closure for name in pair)]
        for v in snapshot.steps.values()
    )
    return files, steps


def _unpack(files: str, steps: str) -> Snapshot:
    found, source_roots, asked = _unpack_files(files)
    held = _unpack_steps(steps)
    return Snapshot(found, source_roots, held, _users(held, asked))


def _unpack_files(files: str) -> tuple[dict[str, str], list[str], list[str]]:
    paths, blobs, source_roots, asked = unpack(files)
    return dict(zip(paths, blobs, strict=True)), source_roots, asked


def _unpack_steps(steps: str) -> dict[str, StepVersion]:
    found = {}
    for name, kind, module, digest, *closure in unpack(steps):
        pairs = tuple(zip(closure[::2], closure[1::2], strict=True))
        found[name] = StepVersion(name, kind, module, digest, pairs)
    return found
