"""Package data of a commit, as ``importlib.resources`` reads it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import IO, Any, Literal, overload

from zenrepo.git.objects import CommitFiles

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable, TraversableResources
else:
    from importlib.abc import Traversable, TraversableResources


class PinnedPath(Traversable):
    """A file or folder of a commit.

    Args:
        files: of the commit.
        path: with ``/``, from the project's folder.
    """

    def __init__(self, files: CommitFiles, path: str) -> None:
        self._files = files
        self._path = path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.rpartition("/")[2]

    def is_dir(self) -> bool:
        """Say whether the commit has a folder here."""
        return self._files.names(self._path) is not None

    def is_file(self) -> bool:
        """Say whether the commit has a file here."""
        return self._files.has_file(self._path)

    def iterdir(self) -> Iterator[PinnedPath]:
        """Give what the folder holds.

        Raises:
            NotADirectoryError: where there is no folder.
        """
        names = self._files.names(self._path)
        if names is None:
            raise NotADirectoryError(f"{self} is not a folder")
        return (self.joinpath(name) for name in names)

    def joinpath(self, *descendants: str) -> PinnedPath:
        """Give what stands below this folder."""
        below = [part for name in descendants for part in str(name).split("/") if part not in ("", ".")]
        return PinnedPath(self._files, "/".join([self._path, *below]) if self._path else "/".join(below))

    def __truediv__(self, child: str) -> PinnedPath:
        return self.joinpath(child)

    def read_bytes(self) -> bytes:
        """Read the file.

        Raises:
            FileNotFoundError: where there is none.
            IsADirectoryError: where there is a folder.
        """
        content = self._files.read(self._path)
        if content is None:
            raise IsADirectoryError(str(self)) if self.is_dir() else FileNotFoundError(f"{self} is not there")
        return content

    @overload
    def open(self, mode: Literal["r"] = "r", *args: Any, **kwargs: Any) -> IO[str]: ...
    @overload
    def open(self, mode: Literal["rb"], *args: Any, **kwargs: Any) -> IO[bytes]: ...
    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:  # noqa: A003, RUF100
        """Open the file for reading.

        Args:
            mode: ``r`` or ``rb``.
            args: as for ``io.TextIOWrapper``.
            kwargs: likewise.
        """
        if mode not in ("r", "rt", "rb"):
            raise ValueError(f"{self} is in a commit and can only be read, not opened with mode '{mode}'")
        stream = io.BytesIO(self.read_bytes())
        return stream if mode == "rb" else io.TextIOWrapper(stream, *args, **kwargs)

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """Read the file as text."""
        with self.open("r", encoding=encoding or "utf-8", errors=errors) as stream:
            return stream.read()

    def __str__(self) -> str:
        return f"zenrepo:{self._files.commit[:12]}/{self._path}"

    def __repr__(self) -> str:
        return f"PinnedPath('{self}')"


class PinnedResources(TraversableResources):
    """The data of one package of a commit.

    Args:
        root: its folder.
    """

    def __init__(self, root: PinnedPath) -> None:
        self._root = root

    def files(self) -> PinnedPath:
        """Give the package's folder."""
        return self._root
