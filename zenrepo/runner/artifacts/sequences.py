"""Sequences on disk: records that are both a ``tf.Example`` and a ``tf.SequenceExample``.

The two messages have their features under one number, 1: what the one calls its features is the other's context. A
record has every column there, as a list of all its values; StatisticsGen, Transform and trainers read that. Under
number 2, which a ``tf.Example`` does not know, it has the feature lists: one value for each step.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records

FLOAT = bytes([0x0A, 8, 0x12, 6, 0x0A, 4])
"""What stands before the four bytes of a float that is the one value of a step."""

KINDS = {"string": 1, "int": 3}
"""The numbers of the lists of a feature that have no fixed size."""


def encode(batch: pa.RecordBatch, context: list[str], timeline: list[str]) -> list[bytes]:
    """Serialize a batch of sequences.

    Args:
        batch: n sequences; each column holds lists.
        context: the columns that become no feature lists.
        timeline: the columns that become feature lists alone.

    Returns:
        n serialized records.

    Raises:
        StepFailed: for a column that holds no lists, or a list that lacks a value.
    """
    columns = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
    for name, column in columns.items():
        _check(name, column)
    stepped = [_feature_list(name, column) for name, column in columns.items() if name not in context]
    plain = {name: column for name, column in columns.items() if name not in timeline}
    if not plain:
        raise StepFailed("the sequences have times alone", "name fewer columns in get_timeline")
    examples = records.encode(pa.RecordBatch.from_arrays(list(plain.values()), list(plain)))
    lists = [b"".join(row) for row in zip(*stepped, strict=True)] or [b""] * batch.num_rows
    return [bytes(example) + _field(2, row) for example, row in zip(examples, lists, strict=True)]


def _check(name: str, column: pa.Array) -> None:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise StepFailed(
            f"column '{name}' of the sequences holds {column.type}, not lists", "yield a list for each sequence"
        )
    if column.null_count or column.flatten().null_count:
        raise StepFailed(f"column '{name}' of the sequences lacks a value", "fill what is missing")


def _feature_list(name: str, column: pa.Array) -> list[bytes]:
    """Serialize one feature list for each row."""
    lengths = np.asarray(column.value_lengths(), np.int64)
    ends = np.cumsum(lengths)
    values = column.flatten()
    kind = records.feature_type(column.type)
    bounds = list(zip((ends - lengths).tolist(), ends.tolist(), strict=True))
    if kind == "float":
        steps = np.empty((len(values), len(FLOAT) + 4), np.uint8)
        steps[:, : len(FLOAT)] = np.frombuffer(FLOAT, np.uint8)
        steps[:, len(FLOAT) :] = np.asarray(values.cast(pa.float32())).astype("<f4").view(np.uint8).reshape(-1, 4)
        flat, size = steps.tobytes(), steps.shape[1]
        payloads = [flat[begin * size : end * size] for begin, end in bounds]
    else:
        each = _steps(values, kind)
        payloads = [b"".join(each[begin:end]) for begin, end in bounds]
    key = _field(1, name.encode())
    return [_field(1, key + _field(2, payload)) for payload in payloads]


def _steps(values: pa.Array, kind: str) -> list[bytes]:
    """Serialize steps of a type whose values differ in size; each distinct value once."""
    distinct = values.cast({"int": pa.int64(), "string": pa.binary()}[kind]).dictionary_encode()
    serialized = []
    for value in distinct.dictionary.to_pylist():
        inner = _field(1, value) if kind == "string" else _field(1, _varint(value & (2**64 - 1)))
        serialized.append(_field(1, _field(KINDS[kind], inner)))
    table = np.empty(len(serialized), object)
    table[:] = serialized
    found: list[bytes] = table[np.asarray(distinct.indices)].tolist()
    return found


def _field(number: int, payload: bytes) -> bytes:
    """Write a field of a message that holds bytes, packed numbers or another message."""
    return bytes([number << 3 | 2]) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
