"""Counts the examples of groups in memory that does not grow with the data, and deals the groups out.

This module imports numpy and Beam; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from zenrepo.steps.split.columns import hash_column, values_of
from zenrepo.steps.split.content_hash import Numbers

BITS = 16
"""Groups are counted in 65,536 places by their hash. Where there are so many that several share one, they stay
together, which does no harm to the shares."""


def place_of(hashes: Numbers) -> np.ndarray[Any, Any]:
    """Say where groups are counted.

    Args:
        hashes: of their names.

    Returns:
        A number from 0 to 65,535 each.
    """
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


class CountGroups(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Counts the examples of each group.

    Args:
        column: of the groups.
        seed: of their hashes.
    """

    def __init__(self, column: str, seed: int) -> None:
        super().__init__()
        self._column, self._seed = column, seed

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Make one array of 65,536 counts."""
        return batches | beam.Map(self._count) | beam.CombineGlobally(lambda counts: sum(counts, _none()))

    def _count(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        hashes, there = hash_column(values_of(examples, self._column), self._seed)
        return np.bincount(place_of(hashes[there]), minlength=1 << BITS)


def _none() -> np.ndarray[Any, Any]:
    return np.zeros(1 << BITS, np.int64)


def deal(counts: np.ndarray[Any, Any], shares: list[float]) -> np.ndarray[Any, Any]:
    """Deal groups out, the largest first, each to the split that is then least over its share.

    Args:
        counts: the size of the group at each place.
        shares: of the splits.

    Returns:
        The index of a split for each place.
    """
    wanted = np.array(shares) * counts.sum()
    dealt = np.zeros(len(shares))
    chosen = np.zeros(len(counts), np.int64)
    groups = [place for place in np.argsort(-counts, kind="stable") if counts[place]]
    for number, place in enumerate(groups):
        filled = (dealt + counts[place]) / wanted
        if len(groups) - number <= (dealt == 0).sum():  # the last groups are for splits that have none
            filled[dealt > 0] = np.inf
        split = int(np.argmin(filled))
        chosen[place] = split
        dealt[split] += counts[place]
    return chosen
