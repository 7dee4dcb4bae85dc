"""Examples on disk: gzipped TFRecords of ``tf.Example``, written and read a batch at a time.

A batch is a ``pyarrow.RecordBatch``. On disk and in what is read back each column is a list array: an example's values
of one feature. A null is a feature without a value.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx_bsl.coders import example_coder

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import framing, tfrecord

BATCH = 8192
LARGEST = 1 << 28
"""The most bytes of a batch that are serialized at once: Arrow's offsets end at 2 GB."""


class ShardWriter:
    """Writes one file of examples.

    Args:
        path: the file; its folder is made.

    Attributes:
        rows: how many examples were written.
        size: how many bytes that is before compression.
        content: the sum of the digests of all that was written at once, as `digest_of` takes it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = self.size = self.content = 0
        self._file = path.open("wb")
        self._gzip = zlib.compressobj(level=1, wbits=16 + zlib.MAX_WBITS)

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            self._file.write(self._gzip.flush())

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch of any of the column types that a DataStep may yield."""
        if batch.num_rows > 1 and (batch.num_rows > BATCH or batch.nbytes > LARGEST):
            most = BATCH if batch.num_rows > BATCH else batch.num_rows // 2
            for start in range(0, batch.num_rows, most):
                self.write(batch.slice(start, most))
        elif batch.num_rows:
            self._put(tfrecord.frames(lists_of(batch), batch.num_rows), batch.num_rows)

    def write_serialized(self, examples: Iterable[bytes]) -> None:
        """Write examples that are serialized already."""
        left = iter(examples)
        while several := list(islice(left, BATCH)):
            self._put(tfrecord.framed(pa.array(several, pa.binary())), len(several))

    def _put(self, frames: pa.Buffer, rows: int) -> None:
        self.rows += rows
        self.size += frames.size
        self.content += int.from_bytes(sha256(frames).digest(), "big")
        self._file.write(self._gzip.compress(frames))


def digest_of(contents: Iterable[int]) -> str:
    """Digest what several writers wrote.

    Args:
        contents: of the writers.

    Returns:
        64 hex digits, the same whichever writer wrote which batch, in which order.
    """
    return f"{sum(contents) % (1 << 256):064x}"


def encode(batch: pa.RecordBatch) -> list[bytes]:
    """Serialize a batch as ``tf.Example``.

    Args:
        batch: n rows; columns of integers, booleans, floats, strings or bytes, or of lists of them.

    Returns:
        n serialized examples.

    Raises:
        StepFailed: for a column of another type.
    """
    return tfrecord.examples(lists_of(batch), batch.num_rows)


def lists_of(batch: pa.RecordBatch) -> dict[str, pa.ListArray]:
    """Give the columns of a batch as lists of int64, float32 or bytes; one that is wholly null is left out.

    Args:
        batch: n rows; columns of integers, booleans, floats, strings or bytes, or of lists of them.

    Raises:
        StepFailed: for a column of another type, a list with a missing value in it, and two columns of one name.
    """
    names = batch.schema.names
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise StepFailed(f"two columns are named '{twice}'", "rename one of them")
    columns = {name: batch.column(i) for i, name in enumerate(names)}
    return {name: _as_lists(name, column) for name, column in columns.items() if column.null_count < len(column)}


def feature_type(kind: pa.DataType) -> str:
    """Name the type of feature that a column becomes: ``int``, ``float`` or ``string``; empty for none."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "int"
    if pa.types.is_floating(kind):
        return "float"
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return "string" if any(is_text(kind) for is_text in text) else ""


def _as_lists(name: str, column: pa.Array) -> pa.Array:
    """Turn a column into lists of int64, float32 or bytes; a null stays one."""
    target = {"int": pa.int64(), "float": pa.float32(), "string": pa.binary()}.get(feature_type(column.type))
    if target is None:
        raise StepFailed(
            f"column '{name}' holds {column.type}, which no feature can",
            "yield integers, floats, strings or bytes, or lists of them",
        )
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        if column.flatten().null_count:
            raise StepFailed(
                f"column '{name}' has a list with a missing value in it", "leave the value out of the list"
            )
        return column.cast(pa.list_(target))
    present = np.asarray(column.is_valid())
    ends = np.cumsum(present, dtype=np.int32)
    starts = np.concatenate([np.zeros(1, np.int32), ends])
    offsets = pa.array(starts, pa.int32(), mask=np.append(~present, False))
    return pa.ListArray.from_arrays(offsets, column.drop_null().cast(target))


def shard_name(prefix: str, index: int, count: int) -> str:
    """Name a file of examples as TFX does."""
    return f"{prefix}-{index:05d}-of-{count:05d}.gz"


def split_folder(artifact: Artifact, split: str) -> Path:
    """Find the folder of a split of an Examples artifact."""
    return Path(artifact_utils.get_split_uri([artifact], split))


def check_split_names(names: list[str]) -> None:
    """Refuse names that TFX could not name folders by.

    Args:
        names: of all the splits of a step.

    Raises:
        StepFailed: for the first that cannot be one, or that another split has too.
    """
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or names.count(name) > 1:
            raise StepFailed(
                f"'{name}' cannot name a split", "give each a name of its own, of letters, digits, _ and -"
            )


def describe(artifact: Artifact, splits: list[str]) -> None:
    """Write on an Examples artifact what TFX's components ask of it.

    Args:
        artifact: the artifact.
        splits: the names of its splits.
    """
    artifact.split_names = artifact_utils.encode_split_names(splits)
    artifact.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")  # as TFX's examples_utils does, which
    artifact.set_string_custom_property("file_format", "tfrecords_gzip")  # imports TensorFlow


def splits_of(artifact: Artifact) -> list[str]:
    """List the names of an Examples artifact's splits."""
    names: list[str] = json.loads(artifact.split_names)
    return names


def require_splits(artifact: Artifact, *names: str) -> None:
    """Refuse examples that lack a split.

    Args:
        artifact: the examples.
        names: the splits that are needed.

    Raises:
        StepFailed: naming the first that is not there.
    """
    have = splits_of(artifact)
    for name in names:
        if name not in have:
            listed = ", ".join(f"'{split}'" for split in have)
            raise StepFailed(f"there is no split '{name}', only {listed}", "name one so in the split step")


def files_of(folder: Path) -> list[str]:
    """List the files of a split, in the order in which they are read."""
    return sorted(str(file) for file in folder.glob("*.gz"))


def read_serialized(folder: Path) -> Iterator[list[bytes]]:
    """Read the serialized examples of a split.

    Args:
        folder: of the split.

    Yields:
        Lists of up to 8192 byte strings.

    Raises:
        ValueError: for a file that is no gzipped TFRecord, or is damaged.
    """
    left = chain.from_iterable(framing.read_gzipped(Path(file)) for file in files_of(folder))
    while several := list(islice(left, BATCH)):
        yield several


def decode(examples: Any) -> pa.RecordBatch:
    """Decode serialized examples.

    Args:
        examples: n byte strings.

    Returns:
        n rows of list columns, one for each feature that any of the examples has.
    """
    return example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(examples)
