"""Finds the data that the arguments of steps name, and digests it, so that a change of it is seen."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from zenrepo.datasource_files import commits
from zenrepo.pipeline_files.file import texts
from zenrepo.relative import SCHEME
from zenrepo.runs.plan import Input
from zenrepo.steps.data.ready import input_name

_CHUNK = 1 << 20
_LONGEST_PATH = 255
"""A longer text, such as a query, names no file: most file systems take no longer name."""
_SQLITE = "sqlite:///"
_VARIABLE = "${"


@dataclass(frozen=True)
class Inputs:
    """Finds the arguments that name data.

    Args:
        root: the repository's folder, for data that git does not track.
        checkout: the folder that holds the commit's files.
        files: the blobs of the commit by path.
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
        for _, each in texts(dict(args)):
            text = each.removeprefix(_SQLITE) if kind == "data" else each
            if kind == "data" and (SCHEME.match(text) or _VARIABLE in text):
                yield text, Input(text, f"as it was in {self.run}")
                continue
            below = os.path.normpath(text) if text else "."
            if below == "." or below.startswith(("/", "..")) or "://" in text or len(text) > _LONGEST_PATH:
                continue
            tracked = [path for path in self.files if _is_under(path, below)]
            if kind == "data" and not tracked:
                yield from self._untracked(text, below)
            elif tracked:
                yield text, Input(str(self.checkout / below), self._digest_of_blobs(tracked))

    def _untracked(self, text: str, below: str) -> Iterator[tuple[str, Input]]:
        if (self.root / below).exists():
            yield text, Input(str(self.root / below), _digest([self.root / below]))
        elif glob.has_magic(below):
            tracked = [path for path in _matches(below, self.checkout) if path in self.files]
            found = [self.root / path for path in _matches(below, self.root)]
            if tracked:
                yield text, Input(str(self.checkout / below), self._digest_of_blobs(tracked))
            elif found:
                yield text, Input(str(self.root / below), _digest(found))

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
