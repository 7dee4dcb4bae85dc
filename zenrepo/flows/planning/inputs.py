"""Finds the data that the arguments of steps name, and digests it, so that a change of it is seen."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zenrepo.datasource_files import commits
from zenrepo.errors import UsageError
from zenrepo.pipeline_files.file import texts
from zenrepo.relative import SCHEME
from zenrepo.runs.plan import Input
from zenrepo.steps.data.ready import input_name

_CHUNK = 1 << 20
_LONGEST_NAME, _LONGEST_PATH = 255, 4095
"""Bytes between slashes, and in all; a longer text, such as a query, names no file: systems take no longer names."""
_PATH = "path"
_SQLITE = "sqlite:///"
_LOG = "-wal"
"""What stands beside a file of SQLite's and holds what was committed last, while somebody has it open."""
_VARIABLE = "${"
_POINTER, _LARGEST_POINTER = b"version https://git-lfs.github.com/spec/v1\n", 1024
"""How a pointer begins, and its size in bytes, by the specification of Git LFS."""


@dataclass(frozen=True)
class Inputs:
    """Finds the arguments that name data.

    Args:
        root: the repository's folder, for data that git does not track.
        checkout: the folder that holds the commit's files.
        files: the blobs of the commit by path, those that symlinks lead to under the links' names, too.
        run: the run's id.
    """

    root: Path
    checkout: Path
    files: Mapping[str, str]
    run: str

    def of(self, args: Mapping[str, object], kind: str) -> Iterator[tuple[str, Input]]:
        """Give what the arguments of a step name in the commit; for a data step, else in the repository's folder.

        Nobody can see from here when data behind an address changes. So its digest is the run, and no other run's
        result is used for it.
        """
        for keys, each in texts(dict(args)):
            text = each.removeprefix(_SQLITE) if kind == "data" else each
            if kind == "data" and (SCHEME.match(text) or _VARIABLE in text):
                yield text, Input(text, f"as it was in {self.run}")
                continue
            below = os.path.normpath(text)
            if not _may_be_path(text) or (below == "." and (kind != "data" or keys[0] != _PATH)):
                continue
            tracked = self._tracked(below, kind)
            if tracked:
                self._refuse_pointers(tracked)
                yield text, Input(str(self.checkout / below), self._digest_of_blobs(tracked))
            elif kind == "data":
                yield from self._untracked(text, below, [_LOG] if text != each else [])

    def _tracked(self, below: str, kind: str) -> list[str]:
        """Name the files of the commit that a path means; a deployer's folder may be where its model goes."""
        if kind == "deployer":
            return [below] if below in self.files else []
        return [path for path in self.files if below == "." or _is_under(path, below)]

    def _untracked(self, text: str, below: str, beside: list[str]) -> Iterator[tuple[str, Input]]:
        file = self.root / below
        if _is_there(file):
            logs = [log for end in beside if (log := file.with_name(file.name + end)).exists() and log.stat().st_size]
            yield text, Input(str(file), _digest([file, *logs]))
        elif glob.has_magic(below):
            tracked = [path for path in _matches(below, self.checkout) if path in self.files]
            found = [self.root / path for path in _matches(below, self.root)]
            if tracked:
                self._refuse_pointers(tracked)
                yield text, Input(str(self.checkout / below), self._digest_of_blobs(tracked))
            elif found:
                yield text, Input(str(self.root / below), _digest(found))

    def _refuse_pointers(self, paths: Iterable[str]) -> None:
        """Refuse files that the checkout has as pointers alone: a step would read those, and take them for data."""
        for path in paths:
            file = self.checkout / path
            with suppress(FileNotFoundError, NotADirectoryError):  # nothing is checked out to answer a question
                if file.stat().st_size < _LARGEST_POINTER and file.read_bytes().startswith(_POINTER):
                    raise UsageError(
                        f"'{path}' is a pointer of Git LFS here, and not what it points to",
                        "'git lfs install' and 'git lfs pull' bring the content; then run it again",
                    )

    def _digest_of_blobs(self, paths: Iterable[str]) -> str:
        blobs = [f"{self.files[path]} {path}" for path in sorted(paths)]
        return hashlib.sha256("\n".join(blobs).encode("utf-8", "surrogateescape")).hexdigest()


def of_datasource(args: Mapping[str, object], store: Path, names: Iterable[str]) -> tuple[str, tuple[str, Input]]:
    """Find the commit that the arguments of a DatasourceStep name.

    Args:
        args: of the step.
        store: of the artifacts.
        names: of the datasources that the repository has.

    Returns:
        The commit's id, and the input that it is.

    Raises:
        ZenrepoError: for a datasource or a commit that is not there.
    """
    name = str(args["datasource"])
    commit = commits.find(store, name, str(args.get("commit", commits.LATEST)), names)
    return commit.id, (input_name(name), Input(str(commit.folder), commit.id))


def _matches(pattern: str, folder: Path) -> list[str]:
    return sorted(set(glob.glob(pattern, root_dir=folder, recursive=True)))  # noqa: PTH207  (Path knows no root)


def _is_there(path: Path) -> bool:
    """Say whether a file is there; what cannot be asked for, too long, or in a folder of others, is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _may_be_path(text: str) -> bool:
    """Say whether a text can name something below the repository's folder."""
    if not text or "://" in text or "\0" in text or os.path.normpath(text).startswith(("/", "..")):
        return False
    name = text.encode("utf-8", "surrogatepass")
    return len(name) <= _LONGEST_PATH and max(map(len, name.split(b"/"))) <= _LONGEST_NAME


def _is_under(path: str, below: str) -> bool:
    return path == below or path.startswith(below + "/")


def _digest(paths: list[Path]) -> str:
    """Digest the contents of files, and the names and contents of folders' files."""
    digest = hashlib.sha256()
    for path in paths:
        if len(paths) > 1:
            digest.update(os.fsencode(path.name) + b"\0")
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(os.fsencode(file.relative_to(path)) + b"\0")
                with file.open("rb") as stream:
                    while chunk := stream.read(_CHUNK):
                        digest.update(chunk)
    return digest.hexdigest()
