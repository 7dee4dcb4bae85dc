"""Finds the files that an argument of a data step names, and opens them, wherever they lie and however compressed."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zenrepo.errors import DataError, StepArgumentError
from zenrepo.steps.base import BaseStep
from zenrepo.steps.checks import text, texts

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A file to be read.

    Args:
        name: what the user calls it.
        path: where it can be opened: a local path, or an address that TensorFlow's file layer knows.
    """

    name: str
    path: str

    @property
    def is_remote(self) -> bool:
        """Whether it has an address instead of a local path."""
        return "://" in self.path

    @property
    def compression(self) -> str | None:
        """How it is compressed, by the end of its name."""
        return COMPRESSIONS.get(os.path.splitext(self.path)[1])  # noqa: PTH122  (an address is no Path)

    @property
    def suffix(self) -> str:
        """The end of its name, before that of a compression."""
        path = self.path.removesuffix(os.path.splitext(self.path)[1]) if self.compression else self.path  # noqa: PTH122
        return os.path.splitext(path)[1].lower()  # noqa: PTH122


def check_paths(step: str, path: object) -> None:
    """Refuse an argument ``path`` that is neither a text nor a list of texts.

    Raises:
        StepArgumentError: naming the argument.
    """
    if not isinstance(path, list):
        text(step, "path", path)
        return
    texts(step, "path", path)
    if not path:
        raise StepArgumentError(step, "path is an empty list", "name a file, a folder or a glob")


def find(step: BaseStep, path: str | list[str], suffixes: Sequence[str]) -> list[SourceFile]:
    """Find the files that paths name.

    Args:
        step: whose argument it is.
        path: files, folders and globs, or one of them. Of a folder come all files, in sub-folders too, that end in one
            of the suffixes and have no ``.`` or ``_`` in front of their names.
        suffixes: with the dot.

    Returns:
        The files, in the order of the paths, and of one path in that of their names; none twice.

    Raises:
        DataError: for a path where nothing is, or nothing that can be read.
    """
    found: dict[str, SourceFile] = {}
    for each in path if isinstance(path, list) else [path]:
        where = step.input_path(each)
        files = _remote(each, where, suffixes) if "://" in where else _local(each, where, suffixes)
        for file in files:
            found.setdefault(file.path, file)
    return list(found.values())


def open_stream(file: SourceFile) -> Any:
    """Open a file to be read as bytes, without its compression.

    Raises:
        DataError: where that is not allowed.
    """
    import pyarrow as pa

    stream: Any
    try:
        if file.is_remote:
            import tensorflow as tf

            stream = _GFile(tf.io.gfile.GFile(file.path, "rb"))
        else:
            stream = Path(file.path).open("rb")  # noqa: SIM115  (whoever asked closes it)
    except OSError as error:
        raise DataError(file.name, f"cannot be read: {error.strerror}", hint="see its permissions") from error
    return _Decompressed(file, pa.CompressedInputStream(stream, file.compression)) if file.compression else stream


def lines(stream: Any) -> Iterator[bytes]:
    """Read a stream of bytes line by line, line ends included."""
    rest = b""
    while block := stream.read(_BLOCK):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


class _Decompressed:
    """A compressed file, read without its compression; what is wrong with it is said with its name."""

    def __init__(self, file: SourceFile, stream: Any) -> None:
        self._file, self._stream = file, stream

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or all."""
        try:
            data: bytes = self._stream.read() if size < 0 else self._stream.read(size)
        except OSError as error:
            hint = "is it whole, and what the end of its name says?"
            raise DataError(self._file.name, f"cannot be decompressed: {error}", hint=hint) from error
        return data

    def __enter__(self) -> _Decompressed:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()


class _GFile:
    """A file of TensorFlow's file layer, as Python's and Arrow's readers want one."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.closed = False
        self.mode = "rb"

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes, or all."""
        data: bytes = self._file.read(-1 if size is None else size)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        self._file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        """Say where we are."""
        return int(self._file.tell())

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def writable(self) -> bool:
        """Say no."""
        return False

    def size(self) -> int:
        """Say how many bytes there are."""
        return int(self._file.size())

    def flush(self) -> None:
        """Do nothing: nothing is written."""

    def close(self) -> None:
        """Close it."""
        self.closed = True
        self._file.close()

    def __enter__(self) -> _GFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _local(name: str, where: str, suffixes: Sequence[str]) -> list[SourceFile]:
    if os.path.isdir(where):  # noqa: PTH112  (beside the names of remote files, these are texts too)
        below = sorted(str(p.relative_to(where)) for p in Path(where).rglob("*") if p.is_file())
        return _of_folder(name, where, below, suffixes)
    if os.path.exists(where):  # noqa: PTH110  (as above)
        if not os.access(where, os.R_OK):
            raise DataError(name, "cannot be read", hint="see its permissions")
        return [SourceFile(name, where)]
    if not glob.has_magic(name):
        raise DataError(name, "no such file", hint=f"add it to the repository; looked for {where}")
    matches = sorted(p for p in glob.glob(where, recursive=True) if os.path.isfile(p))  # noqa: PTH113, PTH207  (as above)
    if not matches:
        raise DataError(name, "no file matches", hint=f"looked for {where}")
    parent = where.removesuffix(name)
    return [SourceFile(match.removeprefix(parent), match) for match in matches]


def _remote(name: str, where: str, suffixes: Sequence[str]) -> list[SourceFile]:
    from tensorflow import errors
    from tensorflow import io as tf_io

    gfile = tf_io.gfile
    try:
        if gfile.isdir(where):
            top = where.rstrip("/")
            below = sorted(f"{f}/{n}".removeprefix(top).lstrip("/") for f, _, names in gfile.walk(top) for n in names)
            return _of_folder(name, top, below, suffixes)
        if gfile.exists(where):
            return [SourceFile(where, where)]
        matches = sorted(gfile.glob(where)) if glob.has_magic(where) else []
    except (errors.OpError, ValueError) as error:
        raise DataError(
            name, f"cannot be looked at: {error}", hint="see the address and what it may be read with"
        ) from error
    if not matches:
        raise DataError(name, "no such file", hint="looked for it with TensorFlow's file layer")
    return [SourceFile(match, match) for match in matches]


def _of_folder(name: str, folder: str, below: list[str], suffixes: Sequence[str]) -> list[SourceFile]:
    """Choose the data files among the files of a folder."""
    files = [SourceFile(f"{name.rstrip('/')}/{path}", f"{folder}/{path}") for path in below if not _is_hidden(path)]
    chosen = [file for file in files if file.suffix in suffixes]
    if not chosen:
        raise DataError(name, f"is a folder without a file that ends in {' or '.join(suffixes)}", hint="name the files")
    return chosen


def _is_hidden(path: str) -> bool:
    return any(part[0] in "._" for part in path.split("/"))
