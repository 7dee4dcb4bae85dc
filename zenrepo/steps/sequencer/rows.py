"""Reads the rows of batches: their times, their categories and their features, as a table of pandas.

This module imports numpy, pandas and Arrow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.steps.split.columns import distinct_of, hashes_of, values_of
from zenrepo.steps.split.content_hash import hash_examples
from zenrepo.steps.time_column import is_text, nanoseconds_of
from zenrepo.steps.times import SECONDS

if TYPE_CHECKING:  # the step imports this module
    from zenrepo.steps.sequencer.standard import StandardSequencer

TIME, CATEGORY, HASH = "\0time", "\0category", "\0hash"
"""The columns of the table beside the features; no feature is named so."""

PARTS = 64
"""Into how many parts the series are sorted, by the hashes of their categories; each part is worked on at once."""


def types_of(examples: pa.RecordBatch) -> dict[str, str]:
    """Say of what type each column of a batch is that has values: ``int``, ``float`` or ``string``."""
    types = {}
    for place, name in enumerate(examples.schema.names):
        values = examples.column(place).flatten()
        if len(values):
            kind = "int" if pa.types.is_integer(values.type) else "float"
            types[name] = "string" if is_text(values) else kind
    return types


def rows_of(examples: pa.RecordBatch, step: StandardSequencer) -> Iterator[tuple[int, pd.DataFrame]]:
    """Read the rows of a batch, those of one category together.

    Args:
        examples: a batch.
        step: the arguments.

    Yields:
        The number of a part, and the table of its rows.

    Raises:
        StepFailed: for a time that is none, and a feature with several values in a row.
    """
    moments = values_of(examples, step.timestamp)
    kept = np.asarray(moments.is_valid())
    columns: dict[str, Any] = {TIME: nanoseconds_since_1970(moments, step), HASH: hash_examples(examples, 0)}
    _count(step, "rows_without_time", kept)
    parts = np.zeros(len(kept), np.int64)
    columns[CATEGORY] = parts
    if step.category:
        names, places = distinct_of(values_of(examples, step.category))
        _count(step, "rows_without_category", places >= 0)
        kept &= places >= 0
        columns[CATEGORY] = np.array([*names, None], object)[places]
        parts = np.append(hashes_of(names, 0) % np.uint64(PARTS), np.uint64(0))[places].astype(np.int64)
    for name in features_of(step, examples.schema.names):
        columns[name] = _plain(values_of(examples, name))
    table = pd.DataFrame(columns, copy=False)[kept]
    for part, rows in table.groupby(parts[kept]):
        yield int(part), rows


def features_of(step: StandardSequencer, columns: list[str]) -> list[str]:
    """List the features among columns."""
    wanted = columns if step.features is None else step.features
    return [name for name in columns if name in wanted and name not in (step.timestamp, step.category)]


def nanoseconds_since_1970(values: pa.Array, step: StandardSequencer) -> Any:
    """Read times.

    Returns:
        Nanoseconds since 1970; any number for a missing time.

    Raises:
        StepFailed: for a time that is none, or that is too far away.
    """
    if is_text(values):
        return nanoseconds_of(values, step.timestamp)
    each = round(SECONDS[step.unit] * 10**9)
    kind = pa.float64() if pa.types.is_floating(values.type) else pa.int64()
    numbers = np.asarray(values.cast(kind).fill_null(0))
    far = np.abs(numbers.astype(np.float64)) * each >= 2.0**63
    if far.any():
        raise StepFailed(
            f"{numbers[far][0]} in column '{step.timestamp}' is no time from 1678 to 2261, counted in '{step.unit}'",
            "set unit: 'ms' where they are milliseconds since 1970",
        )
    return numbers * each if kind == pa.int64() else np.rint(numbers * each).astype(np.int64)


def _plain(values: pa.Array) -> Any:
    """Make an array of floats with ``nan``, of whole numbers, or of ``str`` with ``None``."""
    if is_text(values):
        names, places = distinct_of(values)
        return np.array([*names, None], object)[places]
    if pa.types.is_null(values.type) or values.null_count or pa.types.is_floating(values.type):
        return np.asarray(values.cast(pa.float64()).fill_null(float("nan")))
    return np.asarray(values)


def _count(step: StandardSequencer, what: str, kept: Any) -> None:
    if not kept.all():
        step.count(what, int((~kept).sum()))
