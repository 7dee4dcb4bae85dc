"""Finds the moments at which examples are to be cut, from a sample of bounded size.

This module imports numpy and Beam; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.steps.split.columns import values_of
from zenrepo.steps.split.content_hash import Numbers, hash_examples
from zenrepo.steps.time_column import is_text, nanoseconds_of, write

SIZE = 1 << 16


def times_of(examples: pa.RecordBatch, column: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], bool]:
    """Read the time of each example.

    Args:
        examples: a batch of n.
        column: of the times.

    Returns:
        n times: nanoseconds since 1970 for texts, else the numbers as they are; whether each is there; and whether
        they are texts.
    """
    values = values_of(examples, column)
    there = np.asarray(values.is_valid())
    if is_text(values):
        return nanoseconds_of(values, column), there, True
    kind = pa.float64() if pa.types.is_floating(values.type) else pa.int64()
    return np.asarray(values.cast(kind).fill_null(0)), there, False


def moments_of(listed: list[Any], column: str, *, is_text: bool) -> np.ndarray[Any, Any]:
    """Read moments that an argument lists, in the form that a column has.

    Args:
        listed: numbers or texts.
        column: of the times.
        is_text: whether its times are texts.

    Raises:
        StepFailed: if one has texts and the other numbers.
    """
    if is_text == isinstance(listed[0], str):
        return nanoseconds_of(pa.array(listed), column) if is_text else np.array(listed)
    kinds = ("texts", "numbers") if is_text else ("numbers", "texts")
    raise StepFailed(
        f"column '{column}' holds {kinds[0]}, but starts has {kinds[1]}", "write the moments as the column does"
    )


@dataclass(frozen=True)
class Sample:
    """Times of examples.

    Args:
        hashes: of the examples.
        times: in the same order; sorted once the sample is complete.
        is_text: whether the column holds texts.
    """

    hashes: Numbers
    times: np.ndarray[Any, Any]
    is_text: bool


class SampleTimes(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Samples the times of the examples whose hashes are smallest, so that the sample depends on nothing else.

    Args:
        column: of the times.
    """

    def __init__(self, column: str) -> None:
        super().__init__()
        self._column = column

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Make one sample of up to 65,536 times, sorted."""
        return batches | beam.Map(self._sample) | beam.CombineGlobally(_merge) | beam.Map(_sort)

    def _sample(self, examples: pa.RecordBatch) -> Sample:
        times, there, text = times_of(examples, self._column)
        return Sample(hash_examples(examples, 0)[there], times[there], text)


def _merge(samples: Iterable[Sample]) -> Sample:
    found = [sample for sample in samples if len(sample.times)]
    if not found:
        return Sample(np.array([], np.uint64), np.array([], np.int64), is_text=False)
    hashes = np.concatenate([sample.hashes for sample in found])
    times = np.concatenate([sample.times for sample in found])
    kept = np.argsort(hashes, kind="stable")[:SIZE]
    return Sample(hashes[kept], times[kept], found[0].is_text)


def _sort(sample: Sample) -> Sample:
    return Sample(sample.hashes, np.sort(sample.times), sample.is_text)


def cut(times: np.ndarray[Any, Any], shares: list[float]) -> np.ndarray[Any, Any]:
    """Choose the moments at which to cut.

    Args:
        times: sorted.
        shares: of the splits, the oldest first.

    Returns:
        The first moment of each split but the oldest, as near to the shares as equal times allow.
    """
    distinct, places = np.unique(times, return_index=True)
    cuts: list[int] = []
    for number, end in enumerate(np.cumsum(shares)[:-1]):
        first = cuts[-1] + 1 if cuts else 1
        last = max(first, len(distinct) - (len(shares) - 2 - number))  # the splits behind need a moment each
        candidates = places[first:last]
        nearest = int(np.argmin(np.abs(candidates - end * len(times)))) if len(candidates) else 0
        cuts.append(first + nearest)
    chosen: np.ndarray[Any, Any] = distinct[np.minimum(cuts, len(distinct) - 1)]
    return chosen


def written(moment: Any, is_text: bool) -> str | int | float:
    """Write a moment as its column does."""
    if is_text:
        return write(int(moment))
    return int(moment) if np.issubdtype(type(moment), np.integer) else float(moment)
