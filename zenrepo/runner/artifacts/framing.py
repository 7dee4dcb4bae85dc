"""Reads TFRecord files without TensorFlow."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from zenrepo.runner.artifacts.tfrecord import masked

_HEAD = struct.Struct("<QI")
_FOOT = struct.Struct("<I")


def read_gzipped(file: Path) -> Iterator[bytes]:
    """Read the records of a gzipped TFRecord file.

    Args:
        file: the file.

    Yields:
        What each record holds.

    Raises:
        ValueError: where the file is no such file, or is damaged.
    """
    with gzip.open(file) as opened:
        stream = cast("BinaryIO", opened)
        try:
            while head := stream.read(_HEAD.size):
                yield _content(head, stream)
        except (OSError, EOFError, zlib.error, struct.error) as error:
            raise ValueError(f"'{file.name}' is not a whole gzipped TFRecord file: {error}") from error


def _content(head: bytes, stream: BinaryIO) -> bytes:
    length, checksum = _HEAD.unpack(head)
    if checksum != masked(head[:8]):
        raise OSError("a record's length is damaged")
    content = stream.read(length)
    if _FOOT.unpack(stream.read(_FOOT.size))[0] != masked(content):
        raise OSError("a record is damaged")
    return content
