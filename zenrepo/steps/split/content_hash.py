"""Hashes the content of examples, a batch at a time.

This module imports numpy and Arrow; only methods of steps that run import it.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def hash_examples(examples: pa.RecordBatch, seed: int) -> Numbers:
    """Hash each example.

    The hash depends on the example's features (name, order of values, values) and the seed alone: not on the other
    examples, and not on the order of the columns. A feature without values counts as absent.

    Args:
        examples: n rows of list columns.
        seed: another seed gives other hashes.

    Returns:
        n unsigned 64-bit integers, spread evenly.
    """
    total = np.zeros(examples.num_rows, np.uint64)
    for name, column in zip(examples.schema.names, examples.columns, strict=True):
        if pa.types.is_null(column.type):
            continue
        lengths = np.asarray(column.value_lengths().fill_null(0), np.int64)
        if not lengths.sum():
            continue
        rows = np.repeat(np.arange(len(lengths)), lengths)
        starts = np.cumsum(lengths) - lengths
        position = (np.arange(len(rows)) - np.repeat(starts, lengths)).astype(np.uint64)
        salt = np.uint64(digest(f"{seed}\0{name}".encode()))
        np.add.at(total, rows, mix(mix(_bits(column.flatten()) ^ salt) + position * GOLDEN))
    return mix(total + np.uint64(digest(str(seed).encode())))


def draw(hashes: Numbers, names: list[str], drawn: list[str], ends: list[float]) -> np.ndarray[Any, Any]:
    """Choose splits by hashes.

    Args:
        hashes: n of them, spread evenly.
        names: of the splits.
        drawn: the same names in the order in which their shares lie between 0 and 1.
        ends: where each share but the last ends.

    Returns:
        n indices into the names.
    """
    indices = np.array([names.index(name) for name in drawn], np.int64)
    chosen: np.ndarray[Any, Any] = indices[np.searchsorted(np.array(ends), hashes / 2.0**64, side="right")]
    return chosen


def _bits(values: pa.Array) -> Numbers:
    """Turn values into 64 bits each: numbers as they are, texts by their digest."""
    if pa.types.is_integer(values.type):
        return np.asarray(values.cast(pa.int64()), np.int64).view(np.uint64)
    if pa.types.is_floating(values.type):
        return np.asarray(values.cast(pa.float64()), np.float64).view(np.uint64)
    distinct = values.dictionary_encode()
    digests = np.array([digest(_bytes(text)) for text in distinct.dictionary.to_pylist()], np.uint64)
    return digests[np.asarray(distinct.indices, np.int64)]


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("utf-8")


def digest(data: bytes) -> int:
    """Hash bytes into 64 bits."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def mix(bits: Numbers) -> Numbers:
    """Spread 64 bits over 64 bits: the finalizer of splitmix64."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
