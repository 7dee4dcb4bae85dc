"""Serializes batches of Arrow as ``tf.Example`` in TFRecord frames, a column at a time.

What a file holds of a row, with Google's wire format of messages (``tag``, ``length``, content) inside the frame::

    length: 8 bytes | masked CRC32C of it: 4 | Example | masked CRC32C of that: 4

    Example = features: one length, then for each feature that has a value in the row
              entry (key, Feature), Feature = one list: bytes, floats of 32 bits, or integers as varints

No row is built in Python. Of each column come two columns of bytes: the payloads (its values) and the heads (tags,
lengths, the key). A head depends on nothing but the length of its payload, so one is made for each length that occurs
and taken from a table. Arrow joins all of them row by row. Only the checksum over a row's content takes a call a row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

import google_crc32c
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Bytes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

_ENTRY, _KEY, _VALUE = 0x0A, 0x0A, 0x12
"""Tags: field 1 of Features, and fields 1 and 2 of an entry of its map; all hold a length and content."""

_KINDS: Final = {pa.binary(): 0x0A, pa.float32(): 0x12, pa.int64(): 0x1A}
"""The tag of the list of a Feature, by the type of its values."""

_HEAD, _FOOT = 12, 4


def frames(columns: dict[str, pa.ListArray], rows: int) -> pa.Buffer:
    """Serialize a batch.

    Args:
        columns: by feature, lists of int64, float32 or binary of n rows each. A null is a feature of no
            kind, as TFX writes it; an empty list one of its kind without a value.
        rows: n.

    Returns:
        The n frames, one behind the other, as a TFRecord file holds them before it is compressed.
    """
    pieces: list[Any] = []
    lengths = np.zeros(rows, np.int64)
    for name, column in columns.items():
        payload = _payload(column)
        heads = _heads(name, column, payload)
        pieces += [heads, payload]
        lengths += _lengths(heads) + _lengths(payload)
    fronts = _by_length(lengths, _front)
    joined = pc.binary_join_element_wise(fronts, *pieces, bytes(_FOOT), b"")
    return _with_checksums(joined)


def examples(columns: dict[str, pa.ListArray], rows: int) -> list[bytes]:
    """Serialize a batch as ``frames`` does, and give each row's ``tf.Example`` without its frame."""
    data = memoryview(frames(columns, rows))
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        found.append(bytes(data[at + _HEAD : at + _HEAD + length]))
        at += _HEAD + length + _FOOT
    return found


def framed(serialized: pa.Array) -> pa.Buffer:
    """Put examples that are serialized already, n of type binary, into frames."""
    heads = _by_length(_lengths(serialized), _frame_head)
    return _with_checksums(pc.binary_join_element_wise(heads, serialized, bytes(_FOOT), b""))


def _payload(column: pa.ListArray) -> pa.Array:
    """Serialize the values of a column: of each row the repeated part of its list; of a null nothing.

    Returns:
        Binary of n rows.
    """
    offsets = column.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    values = column.values.slice(offsets[0], offsets[-1] - offsets[0])
    offsets -= offsets[0]
    if values.type == pa.float32():
        encoded, ends = np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).view(np.uint8), offsets * 4
    else:
        encoded, starts = _varints(values) if values.type == pa.int64() else _strings(values)
        ends = starts[offsets]
    return _without_nulls(column, encoded, ends) if column.null_count else _binary(encoded, ends)


def _without_nulls(column: pa.ListArray, encoded: Bytes, ends: Numbers) -> pa.Array:
    """Leave out what stands behind a null, which Arrow lets be anything."""
    present = np.asarray(column.is_valid())
    lengths = np.diff(ends)
    if not lengths[~present].any():
        return _binary(encoded, ends)
    kept = np.repeat(present, lengths)
    return _binary(encoded[kept], _cumulated(np.where(present, lengths, 0)))


def _varints(column: pa.Array) -> tuple[Bytes, Numbers]:
    """Write whole numbers as varints: seven bits a byte, the lowest first, the eighth set where more follow.

    Returns:
        The bytes of all, and where each begins and the last ends.
    """
    values = column.to_numpy(zero_copy_only=False).view(np.uint64)
    widths = np.ones(len(values), np.int64)
    highest = int(values.max()) if len(values) else 0
    widest = max((highest.bit_length() + 6) // 7, 1)
    for width in range(1, widest):
        widths += values >= np.uint64(1 << (7 * width))
    table = np.empty((len(values), widest), np.uint8)
    for place in range(widest):
        more = np.where(widths > place + 1, np.uint64(0x80), np.uint64(0))
        table[:, place] = (values >> np.uint64(7 * place)) & np.uint64(0x7F) | more
    encoded = table.reshape(-1) if widest == 1 else table[np.arange(widest) < widths[:, None]]
    return encoded, _cumulated(widths)


def _strings(values: pa.Array) -> tuple[Bytes, Numbers]:
    """Write strings as the repeated field 1: before each its tag and length.

    Returns:
        As ``_varints``.
    """
    heads = _by_length(_lengths(values), lambda length: b"\x0a" + _varint(length))
    joined = pc.binary_join_element_wise(heads, values, b"")
    if not len(joined):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    starts = np.frombuffer(joined.buffers()[1], np.int32)[: len(joined) + 1].astype(np.int64)
    return np.frombuffer(joined.buffers()[2], np.uint8)[: starts[-1]], starts


def _heads(name: str, column: pa.ListArray, payload: pa.Array) -> pa.Array:
    """Make what stands in an entry before each payload; for a null, an entry whose Feature is empty."""
    key = name.encode("utf-8", "surrogateescape")
    heads = _by_length(_lengths(payload), partial(_entry_head, key, _KINDS[column.values.type]))
    if not column.null_count:
        return heads
    return pc.if_else(column.is_valid(), heads, pa.scalar(_empty_entry(key), pa.binary()))


def _empty_entry(key: bytes) -> bytes:
    entry = bytes([_KEY]) + _varint(len(key)) + key + bytes([_VALUE, 0])
    return bytes([_ENTRY]) + _varint(len(entry)) + entry


@lru_cache(maxsize=1 << 16)
def _entry_head(key: bytes, kind: int, payload: int) -> bytes:
    """Make the head of an entry whose payload has so many bytes."""
    packed = b"" if kind == _KINDS[pa.binary()] or not payload else b"\x0a" + _varint(payload)
    listed = bytes([kind]) + _varint(len(packed) + payload) + packed
    feature = bytes([_VALUE]) + _varint(len(listed) + payload) + listed
    entry = bytes([_KEY]) + _varint(len(key)) + key + feature
    return bytes([_ENTRY]) + _varint(len(entry) + payload) + entry


@lru_cache(maxsize=1 << 16)
def _front(features: int) -> bytes:
    """Make what stands before the features of a row that have so many bytes: the frame's head, the example's."""
    example = b"\x0a" + _varint(features)
    return _frame_head(len(example) + features) + example


def _frame_head(length: int) -> bytes:
    head = length.to_bytes(8, "little")
    return head + masked(head).to_bytes(4, "little")


def masked(data: bytes) -> int:
    """Compute a checksum as TFRecords keep it: turned and shifted, lest a checksum of checksums meet itself."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _varint(number: int) -> bytes:
    done = bytearray()
    while number > 0x7F:
        done.append(number & 0x7F | 0x80)
        number >>= 7
    done.append(number)
    return bytes(done)


def _by_length(lengths: Numbers, make: Callable[[int], bytes]) -> pa.Array:
    """Make a piece for each row out of a length, once for each length that occurs."""
    if len(lengths) and int(lengths.min()) == int(lengths.max()):
        return pa.array([make(int(lengths[0]))], pa.binary()).take(pa.array(np.zeros(len(lengths), np.int32)))
    kinds, places = np.unique(lengths, return_inverse=True)
    return pa.array([make(int(length)) for length in kinds], pa.binary()).take(pa.array(places.astype(np.int32)))


def _with_checksums(joined: pa.Array) -> pa.Buffer:
    """Fill in the last four bytes of each frame."""
    if not len(joined):
        return pa.py_buffer(b"")
    ends = np.frombuffer(joined.buffers()[1], np.int32)[: len(joined) + 1].astype(np.int64)
    content: bytes = joined.buffers()[2].to_pybytes()
    data = np.frombuffer(content, np.uint8)[: ends[-1]].copy()
    spans = map(slice, (ends[:-1] + _HEAD).tolist(), (ends[1:] - _FOOT).tolist())
    sums = np.array(list(map(google_crc32c.value, map(content.__getitem__, spans))), np.uint32)
    masked = ((sums >> np.uint32(15)) | (sums << np.uint32(17))) + np.uint32(0xA282EAD8)
    data[(ends[1:] - _FOOT)[:, None] + np.arange(_FOOT)] = masked.astype("<u4").view(np.uint8).reshape(-1, _FOOT)
    return pa.py_buffer(data)


def _lengths(values: pa.Array) -> Numbers:
    """Give the bytes of each value of a binary column without nulls."""
    found: Numbers = pc.binary_length(values).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _cumulated(lengths: Numbers) -> Numbers:
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends


def _binary(data: Bytes, ends: Numbers) -> pa.Array:
    """Make a binary column from bytes and where each value begins and the last ends."""
    return pa.Array.from_buffers(
        pa.binary(),
        len(ends) - 1,
        [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))],
    )
