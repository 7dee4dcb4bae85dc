"""The classes of the repository that arguments name: their code is part of what a run executes."""

from __future__ import annotations

from zenrepo.errors import PinError, UnknownName
from zenrepo.git import history
from zenrepo.index.snapshot import Snapshots
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import Entry, PipelineFile, classes_in
from zenrepo.sources.discover import Tree
from zenrepo.sources.release import RELEASE
from zenrepo.typed_yaml import Keys, Places


def classes_of(
    pipeline: PipelineFile, places: Places, layout: Layout, snapshots: Snapshots, commit: str
) -> dict[Keys, dict[str, str]]:
    """Digest the code of every class of the repository that an argument names.

    Args:
        pipeline: what the file says.
        places: where in the file everything stands.
        layout: of the repository.
        snapshots: of its commits.
        commit: the run's.

    Returns:
        By the keys of a step or backend, the digest of the closure of each class by its name. A class that the
        environment has, and not the repository, has none.

    Raises:
        PipelineFileError: for a class that the repository should have and has not.
    """
    found: dict[Keys, dict[str, str]] = {}
    for keys, entry in pipeline.entries():
        for inner, name in classes_in(entry.args):
            with places.at(*keys, "args", *inner):
                digest = _digest(name, snapshots, _commit(name, entry, layout) or commit, commit)
            if digest:
                found.setdefault(keys, {})[name] = digest
    return found


def _commit(name: str, entry: Entry, layout: Layout) -> str:
    """Find the commit that a class is taken from where it is not the run's."""
    pin = name.partition("@")[2] or (entry.pin if entry.pin != RELEASE else "")
    sha = history.resolve(layout.root, pin) if pin else ""
    if sha is None:
        raise PinError(f"this clone has no commit '{pin}', which '{name}' names", "run 'git fetch --all'")
    return sha


def _digest(name: str, snapshots: Snapshots, commit: str, of_run: str) -> str:
    dotted, pinned, _ = name.partition("@")
    top = dotted.partition(".")[0]
    tree = snapshots.tree(snapshots.at(commit))
    for module, qualname in tree.find_absolute(dotted):
        if module:
            return tree.version(module, qualname, "class").code_digest
    if commit != of_run and not _has(tree, top) and _has(snapshots.tree(snapshots.at(of_run)), top):
        raise PinError(f"commit {commit[:12]} has no class '{dotted}'", f"'{dotted}@<commit>' takes that of another")
    if pinned or _has(tree, top):
        raise UnknownName("class", dotted, _classes(tree, dotted), f"commit {commit[:12]} has no such class")
    return ""


def _has(tree: Tree, top: str) -> bool:
    return any(name == top or name.startswith(f"{top}.") for name in tree.modules)


def _classes(tree: Tree, dotted: str) -> list[str]:
    """Name the classes of the module that a dotted path begins with, or all of them."""
    module = dotted.rpartition(".")[0]
    names = [module] if module in tree.modules else list(tree.modules)
    return [f"{name}.{qualname}" for name in names for qualname in tree.classes(name)]
