"""Looks at one column of a batch of examples: its values, their hashes, and what belongs where.

This module imports numpy and Arrow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zenrepo.errors import StepFailed
from zenrepo.steps.split.arguments import ERROR, LEFT_OUT, SKIP
from zenrepo.steps.split.content_hash import Numbers, digest, mix

Parts: TypeAlias = "np.ndarray[Any, Any]"
NOWHERE = -2
"""Where an example belongs that no split is for."""
EXACT = 2.0**53
"""Up to here a whole number is the same as ``float`` and as ``int``."""


def values_of(examples: pa.RecordBatch, column: str) -> pa.Array:
    """Take the value of a column from each example.

    Args:
        examples: n rows of list columns.
        column: its name; one that is not in the batch has no values there.

    Returns:
        n values; null where an example has none, or ``nan``.

    Raises:
        StepFailed: if an example has several.
    """
    place = examples.schema.get_field_index(column)
    if place < 0 or not len(flat := examples.column(place).flatten()):
        return pa.nulls(examples.num_rows)
    lengths = np.asarray(examples.column(place).value_lengths().fill_null(0))
    if lengths.max() > 1:
        raise StepFailed(f"column '{column}' has several values in an example", "name a column that has one in each")
    taken = flat.take(pa.array(np.cumsum(lengths) - 1, mask=lengths == 0))
    if pa.types.is_floating(taken.type):
        return pc.if_else(pc.is_nan(taken), pa.scalar(None, taken.type), taken)
    return taken


def distinct_of(values: pa.Array) -> tuple[list[Any], np.ndarray[Any, Any]]:
    """Tell the values of a column apart.

    Args:
        values: n values, as ``values_of`` gives them.

    Returns:
        The distinct values, as plain Python has them (text as ``str``, a whole number as ``int``), and for each of
        the n values the index of its own among them; -1 for a null.
    """
    if pa.types.is_null(values.type):
        return [], np.full(len(values), -1)
    encoded = values.dictionary_encode()
    return [plain(value) for value in encoded.dictionary.to_pylist()], np.asarray(encoded.indices.fill_null(-1))


def plain(value: Any) -> Any:
    """Give a value the form in which equal ones are equal: ``1`` for ``1.0``, a ``str`` for bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer() and abs(value) < EXACT):
        return int(value)
    return value


def hashes_of(values: list[Any], seed: int) -> Numbers:
    """Hash values, each by itself.

    Args:
        values: as ``distinct_of`` gives them.
        seed: another seed gives other hashes.

    Returns:
        Unsigned 64-bit integers, spread evenly. A number and the text that it is written as have different ones.
    """
    texts = [f"{seed}\0{type(value).__name__}\0{value}".encode("utf-8", "surrogateescape") for value in values]
    return mix(np.array([digest(text) for text in texts], np.uint64))


def hash_column(values: pa.Array, seed: int) -> tuple[Numbers, np.ndarray[Any, Any]]:
    """Hash each value of a column.

    Returns:
        n hashes, and whether each of the n values is there; the hash of a missing one means nothing.
    """
    distinct, places = distinct_of(values)
    hashes = np.append(hashes_of(distinct, seed), np.uint64(0))
    return hashes[places], places >= 0


def sort_by(values: pa.Array, choose: Callable[[list[Any]], list[int | None]]) -> Parts:
    """Choose a split for each value by looking at each distinct one once.

    Args:
        values: n values, as ``values_of`` gives them.
        choose: from distinct values to the index of a split each; ``None`` for one that belongs to none.

    Returns:
        n indices; -2 for a value that belongs to no split or is missing.
    """
    distinct, places = distinct_of(values)
    chosen = [NOWHERE if index is None else index for index in choose(distinct)]
    parts: Parts = np.append(np.array(chosen, np.int64), NOWHERE)[places]
    return parts


def settle(parts: Parts, policy: str, names: list[str], explain: Callable[[int], StepFailed]) -> tuple[Parts, int]:
    """Do what a policy says with what belongs to no split.

    Args:
        parts: n indices, -2 for what belongs nowhere.
        policy: ``skip``, ``error`` or a split.
        names: of the splits.
        explain: makes the error, of the place of the first such example.

    Returns:
        n indices, and how many belonged nowhere.

    Raises:
        StepFailed: as the policy says.
    """
    nowhere = np.flatnonzero(parts == NOWHERE)
    if len(nowhere) and policy == ERROR:
        raise explain(int(nowhere[0]))
    target = LEFT_OUT if policy in (SKIP, ERROR) else names.index(policy)
    return np.where(parts == NOWHERE, target, parts), len(nowhere)
