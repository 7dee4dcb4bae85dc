"""StratifiedSplit: every class is divided by the same shares.

numpy, Arrow and Beam are imported in the methods that run: this module is also imported where they are not installed.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from zenrepo.steps.checks import text, whole
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.split.arguments import cumulative, shares_of

if TYPE_CHECKING:  # the annotations alone need these
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa


class StratifiedSplit(SplitStep):
    """Divides each class by the same shares, exactly to within one example.

    In each class the examples are ranked by the hash of their content and a seed; the first part of them goes to the
    first split, and so on. Equal examples are never in two splits: where there are many of one kind, the shares are as
    near as that allows. Examples without a class are a class of their own.

    Args:
        column: the column of the classes; most often the label.
        split_map: the share of each split by name; positive, with a sum of 1. By default 0.7 ``train``, 0.3 ``eval``.
        seed: another seed divides otherwise.
    """

    def __init__(self, *, column: str, split_map: dict[str, Any] | None = None, seed: int = 0) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "column", column)
        whole(name, "seed", seed)
        self.column = column
        self.split_map = shares_of(name, split_map)
        self.seed = seed

    def get_split_names(self) -> list[str]:
        """Name the splits in the order in which they were given."""
        return list(self.split_map)

    def get_columns(self) -> list[str]:
        """Name the column of the classes."""
        return [self.column]

    def analyze(self) -> Generator[beam.PTransform, Any, Any]:
        """Count each class, then find between which hashes it is to be cut."""
        from zenrepo.steps.split.ranks import CountClasses, GatherHashes, Ranks

        ranks = Ranks((yield CountClasses(self.column, self.seed)), cumulative(self.split_map)[1])
        self.facts["classes"] = len(ranks.counts)
        return ranks.cuts((yield GatherHashes(self.column, self.seed, ranks.narrow())))

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Choose a split for each example by the rank of its hash in its class.

        Args:
            examples: a batch of n examples.

        Returns:
            n indices into the split names.
        """
        import numpy as np

        from zenrepo.steps.split.ranks import by_class

        names = self.get_split_names()
        indices = np.array([names.index(name) for name in cumulative(self.split_map)[0]])
        parts = np.zeros(examples.num_rows, np.int64)
        for value, rows, hashes in by_class(examples, self.column, self.seed):
            parts[rows] = indices[np.searchsorted(self.analysis[value], hashes, side="right")]
        return parts

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split that got no example of any class."""
        del split
        return f"column '{self.column}' has too few examples of each class; give the split a larger share"
