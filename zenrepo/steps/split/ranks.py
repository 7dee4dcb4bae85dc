"""Finds the hashes at which classes are to be cut so that each part has its exact share, in two passes.

The first pass counts, for each class, how many hashes lie in each 1024th of their range; the second gathers the hashes
of those 1024ths alone that a cut lies in. So memory grows with a thousandth of the data at most.

This module imports numpy and Beam; only methods of steps that run import it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam
import numpy as np
import pyarrow as pa

from zenrepo.steps.split.columns import distinct_of, hashes_of, values_of
from zenrepo.steps.split.content_hash import Numbers, hash_examples

SHIFT = np.uint64(54)
Bin: TypeAlias = "tuple[Any, int]"
"""A class, and one of 1024 parts of the range of its hashes."""


def by_class(examples: pa.RecordBatch, column: str, seed: int) -> Iterator[tuple[Any, Any, Numbers]]:
    """Take examples apart by class.

    Args:
        examples: a batch.
        column: of the classes.
        seed: of the hashes.

    Yields:
        A class (``None`` where there is none), the rows that belong to it, and their hashes.
    """
    classes, places = distinct_of(values_of(examples, column))
    hashes = hash_examples(examples, seed)
    order = np.argsort(places, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(places[order])) + 1):
        if len(rows):
            place = places[rows[0]]
            yield (None if place < 0 else classes[place]), rows, hashes[rows]


class CountClasses(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Counts the hashes of each class by the part of the range that they lie in.

    Args:
        column: of the classes.
        seed: of the hashes.
    """

    def __init__(self, column: str, seed: int) -> None:
        super().__init__()
        self._column, self._seed = column, seed

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Make one map of counts."""
        return batches | beam.Map(self._count) | beam.CombineGlobally(_sum_of)

    def _count(self, examples: pa.RecordBatch) -> Counter[Bin]:
        counts: Counter[Bin] = Counter()
        for value, _, hashes in by_class(examples, self._column, self._seed):
            bins, numbers = np.unique(hashes >> SHIFT, return_counts=True)
            counts.update({(value, b): n for b, n in zip(bins.tolist(), numbers.tolist(), strict=True)})
        return counts


def _sum_of(counts: Iterable[Counter[Bin]]) -> Counter[Bin]:
    total: Counter[Bin] = Counter()
    for one in counts:
        total.update(one)
    return total


class GatherHashes(beam.PTransform):  # type: ignore[misc] # as above
    """Gathers the hashes that lie where a cut does.

    Args:
        column: of the classes.
        seed: of the hashes.
        wanted: the parts of the range, by class.
    """

    def __init__(self, column: str, seed: int, wanted: dict[Any, set[int]]) -> None:
        super().__init__()
        self._column, self._seed, self._wanted = column, seed, wanted

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Make one map of sorted hashes."""
        return batches | beam.Map(self._gather) | beam.CombineGlobally(_merge)

    def _gather(self, examples: pa.RecordBatch) -> dict[Bin, Numbers]:
        found = {}
        for value, _, hashes in by_class(examples, self._column, self._seed):
            for wanted in self._wanted.get(value, ()):
                found[value, wanted] = hashes[hashes >> SHIFT == wanted]
        return found


def _merge(found: Iterable[dict[Bin, Numbers]]) -> dict[Bin, Numbers]:
    parts = defaultdict(list)
    for one in found:
        for key, hashes in one.items():
            parts[key].append(hashes)
    return {key: np.sort(np.concatenate(hashes)) for key, hashes in parts.items()}


class Ranks:
    """Where each class is to be cut.

    Args:
        bins: how many hashes of each class lie in each part of the range.
        ends: the cumulative shares of the splits but the last.

    Attributes:
        counts: the size of each class.
    """

    def __init__(self, bins: Counter[Bin], ends: list[float]) -> None:
        self._bins: dict[Any, dict[int, int]] = defaultdict(dict)
        for (value, place), number in bins.items():
            self._bins[value][place] = number
        self.counts = {value: sum(parts.values()) for value, parts in self._bins.items()}
        self._ranks = {value: self._round(value, ends) for value in self.counts}

    def _round(self, value: Any, ends: list[float]) -> list[int]:
        """Round cumulative shares of a class; which way is drawn for each class, so that small ones favour no split."""
        chance = float(hashes_of([value], 0)[0] / 2.0**64)
        return [int(min(self.counts[value] * end + 1e-9 + chance * (1 - 2e-9), self.counts[value])) for end in ends]

    def narrow(self) -> dict[Any, set[int]]:
        """List the parts of the range that a cut lies in, by class."""
        return {value: {self._find(value, rank)[0] for rank in ranks} for value, ranks in self._ranks.items()}

    def cuts(self, gathered: dict[Bin, Numbers]) -> dict[Any, Numbers]:
        """Find the cuts.

        Args:
            gathered: the sorted hashes of each part that ``narrow`` listed.

        Returns:
            For each class the hashes at which the next split begins.
        """
        return {
            value: np.array([self._cut(value, rank, gathered) for rank in ranks], np.uint64)
            for value, ranks in self._ranks.items()
        }

    def _find(self, value: Any, rank: int) -> tuple[int, int]:
        """Find the part of the range that a rank lies in, and how many hashes lie before it."""
        before = place = 0
        for place, number in sorted(self._bins[value].items()):
            if before + number > rank:
                return place, before
            before += number
        return place, before - self._bins[value][place]

    def _cut(self, value: Any, rank: int, gathered: dict[Bin, Numbers]) -> int:
        place, before = self._find(value, rank)
        hashes = gathered[value, place]
        inside = rank - before
        if inside >= len(hashes):
            return int(hashes[-1]) + 1
        first, behind = (int(np.searchsorted(hashes, hashes[inside], side)) for side in ("left", "right"))
        nearer_behind = behind - inside < inside - first  # equal hashes go to one side, whichever is nearer
        return int(hashes[inside]) + int(nearer_behind)
