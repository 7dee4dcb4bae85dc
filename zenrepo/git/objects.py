"""Single git objects: read through dulwich, and by git itself where dulwich cannot."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dulwich.objects import Blob, ObjectID, ShaFile, Tree
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from zenrepo.errors import PinError
from zenrepo.git.command import attempt
from zenrepo.git.links import follow
from zenrepo.git.partial import bring

_HERE = "--git-dir=."
"""Git looks for no repository: the one that was located, where git was asked whether it trusts the owner, is meant."""


class Entry(NamedTuple):
    """What a name in a tree stands for.

    Args:
        mode: says whether it is a file, a symlink, a tree or a submodule.
        id: of the object.
    """

    mode: int
    id: str


class CommitFiles:
    """The files of one commit. Symlinks are followed inside the tree, as in a checkout of it.

    Args:
        common: the git common directory.
        commit: the commit's id, 40 or 64 hex digits.
        prefix: the project's folder in the tree, ``""`` or ending in ``/``.

    Raises:
        PinError: if the commit is not in this clone.
    """

    def __init__(self, common: Path, commit: str, prefix: str = "") -> None:
        self.commit = commit
        self._common = common
        self._prefix = prefix
        self._brought = False
        self._objects = _open(common, self._bring)
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._root = Entry(stat.S_IFDIR, _tree_of(common, commit))

    def read(self, path: str, *, links: bool = True) -> bytes | None:
        """Read a file; ``None`` where the commit has none at the path.

        Args:
            path: with ``/``, from the project's folder.
            links: whether symlinks are followed.

        Raises:
            PinError: if the clone lacks the file.
        """
        entry = self._find(path) if links else self._entry(self._prefix + path)
        return self._objects.blob(entry.id) if entry is not None and stat.S_ISREG(entry.mode) else None

    def has_file(self, path: str) -> bool:
        """Say whether the commit has a file at a path, without reading it."""
        entry = self._find(path)
        return entry is not None and stat.S_ISREG(entry.mode)

    def names(self, path: str) -> list[str] | None:
        """Name what a folder holds; ``None`` where the commit has no such folder.

        Args:
            path: with ``/``, from the project's folder; ``""`` for that folder itself.

        Raises:
            PinError: if the clone lacks the folder.
        """
        entry = self._find(path)
        return list(self._tree(entry.id)) if entry is not None and stat.S_ISDIR(entry.mode) else None

    def _bring(self) -> None:
        """Let a partial clone fetch all Python files of the commit at once: one that is imported is seldom alone."""
        if not self._brought:
            self._brought = True
            bring(self._common, self._python_files())

    def _python_files(self) -> Iterator[str]:
        done = attempt(self._common, _HERE, "ls-tree", "-r", "-z", "--full-tree", self.commit)
        for info, _, path in (line.partition(b"\t") for line in done.stdout.split(b"\0")[:-1]):
            if path.endswith(b".py") and path.startswith(os.fsencode(self._prefix)):
                yield info.split(b" ")[2].decode()

    def _find(self, path: str) -> Entry | None:
        goal = follow(self._prefix + path, self._target)
        return self._entry(goal) if goal is not None else None

    def _target(self, path: str) -> str | None:
        entry = self._entry(path)
        return os.fsdecode(self._objects.blob(entry.id)) if entry is not None and stat.S_ISLNK(entry.mode) else None

    def _entry(self, path: str) -> Entry | None:
        """Find what stands at a path from the top of the tree that has no symlink on its way."""
        entry: Entry | None = self._root
        for part in path.split("/") if path else ():
            if entry is None or not stat.S_ISDIR(entry.mode):
                return None
            entry = self._tree(entry.id).get(part)
        return entry

    def _tree(self, tree: str) -> Mapping[str, Entry]:
        if tree not in self._trees:
            self._trees[tree] = self._objects.tree(tree)
        return self._trees[tree]


def _tree_of(common: Path, commit: str) -> str:
    """Ask git for a commit's tree: it honours replaced commits, and a partial clone fetches what it lacks."""
    tree = f"{commit}^{{commit}}^{{tree}}"
    done = attempt(common, _HERE, "rev-parse", "--verify", "--quiet", "--end-of-options", tree)
    if done.returncode:
        raise PinError(f"this clone has no commit '{commit}'", way_to_get_commits(common))
    return done.stdout.decode().strip()


def way_to_get_commits(common: Path) -> str:
    """Say how a clone gets the commits and files that it lacks."""
    if (common / "shallow").exists():
        return "this clone is shallow; fetch the rest of the history: 'git fetch --unshallow'"
    return "see 'zenrepo steps', or fetch the history that has it: 'git fetch --all'"


class _Git:
    """Objects as git reads them, one process each: of every format that this git knows, from wherever it gets them."""

    def __init__(self, common: Path, bring_all: Callable[[], None]) -> None:
        self._common = common
        self._bring_all = bring_all

    def blob(self, name: str) -> bytes:
        self._bring_all()
        return self._ask(name, "cat-file", "blob", name)

    def tree(self, name: str) -> dict[str, Entry]:
        found = {}
        for line in self._ask(name, "ls-tree", "-z", name).split(b"\0")[:-1]:
            info, _, entry = line.partition(b"\t")
            mode, _, target = info.split(b" ")
            found[os.fsdecode(entry)] = Entry(int(mode, 8), target.decode())
        return found

    def _ask(self, name: str, *arguments: str) -> bytes:
        done = attempt(self._common, _HERE, *arguments)
        if done.returncode:
            raise PinError(
                f"object '{name}' is not in this clone, and git cannot get it", way_to_get_commits(self._common)
            )
        return done.stdout


class _Dulwich:
    """Objects as dulwich reads them; git is asked for one that it does not find, so that a partial clone gets it."""

    def __init__(self, common: Path, bring_all: Callable[[], None]) -> None:
        self._common = common
        self._git = _Git(common, bring_all)

    def blob(self, name: str) -> bytes:
        found = self._object(name)
        return found.data if isinstance(found, Blob) else self._git.blob(name)

    def tree(self, name: str) -> dict[str, Entry]:
        found = self._object(name)
        if not isinstance(found, Tree):
            return self._git.tree(name)
        return {os.fsdecode(e.path): Entry(e.mode, e.sha.decode()) for e in found.iteritems()}

    def _object(self, name: str) -> ShaFile | None:
        """Read an object. Each has a repository of its own: threads cannot share an open pack."""
        with Repo(str(self._common)) as repo:
            try:
                return repo.object_store[ObjectID(name.encode())]
            except KeyError:
                return None


def _open(common: Path, bring_all: Callable[[], None]) -> _Git | _Dulwich:
    """Decide once who reads a repository's objects: dulwich, or git where dulwich does not know the format.

    Args:
        common: the git common directory.
        bring_all: called before git is asked for a blob, because it would fetch that one alone.
    """
    try:
        with Repo(str(common)):
            return _Dulwich(common, bring_all)
    except (UnsupportedExtension, UnsupportedVersion):
        return _Git(common, bring_all)
