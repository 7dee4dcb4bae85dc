"""Single git objects, read through dulwich."""

from __future__ import annotations

from pathlib import Path

from dulwich.errors import NotTreeError
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, RawObjectID, ShaFile, Tree
from dulwich.repo import Repo

from zenrepo.errors import PinError
from zenrepo.git.command import attempt


class CommitFiles:
    """The files of one commit.

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
        found = self._object(ObjectID(commit.encode()))
        if not isinstance(found, Commit):
            raise PinError(f"'{commit}' is not a commit", "give the id of a commit, as 'zenrepo steps' lists them")
        self._root: ObjectID = found.tree
        self._prefix = prefix.encode("utf-8", "surrogateescape")

    def read(self, path: str) -> bytes | None:
        """Read a file; ``None`` where the commit has none at the path.

        Args:
            path: with ``/``, from the project's folder.
        """
        entry = self._entry(path)
        if entry is None:
            return None
        found = self._object(entry)
        return found.data if isinstance(found, Blob) else None

    def names(self, path: str) -> list[str] | None:
        """Name what a folder holds; ``None`` where the commit has no such folder.

        Args:
            path: with ``/``, from the project's folder; ``""`` for that folder itself.
        """
        entry = self._entry(path)
        found = self._object(entry) if entry is not None else None
        if not isinstance(found, Tree):
            return None
        return [name.decode("utf-8", "surrogateescape") for name in found]

    def _entry(self, path: str) -> ObjectID | RawObjectID | None:
        whole = (self._prefix + path.encode("utf-8", "surrogateescape")).strip(b"/")
        if not whole:
            return self._root
        try:
            return tree_lookup_path(self._object, self._root, whole)[1]
        except (KeyError, NotTreeError):
            return None

    def _object(self, sha: ObjectID | RawObjectID) -> ShaFile:
        """Read an object; git itself is asked for one that is missing, so that a partial clone fetches it."""
        with Repo(str(self._common)) as repo:
            try:
                return repo.object_store[sha]
            except KeyError:
                self._fetch(sha)
        with Repo(str(self._common)) as repo:  # opened again, to see the pack that came
            return repo.object_store[sha]

    def _fetch(self, sha: bytes) -> None:
        name = sha.decode()
        if attempt(self._common, "cat-file", "-e", name).returncode:
            raise PinError(
                f"object '{name}' is not in this clone",
                "fetch the history that has it: 'git fetch --unshallow' in a shallow clone, else 'git fetch --all'",
            )
