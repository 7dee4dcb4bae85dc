"""RandomSplit: each example's split is drawn by chance, and stays the same. NoSplit: there is one split.

numpy and Arrow are imported in the methods that run: this module is also imported where neither is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.steps.checks import whole
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.split.arguments import cumulative, shares_of, split_names

if TYPE_CHECKING:  # the annotations alone need these
    import numpy as np
    import pyarrow as pa


class RandomSplit(SplitStep):
    """Draws a split for each example from the hash of its content and a seed.

    So the same example is in the same split whatever stands around it, and equal examples are never in two.

    Args:
        split_map: the share of each split by name; positive, with a sum of 1. By default 0.7 ``train``, 0.3 ``eval``.
        seed: another seed draws otherwise.
    """

    def __init__(self, *, split_map: dict[str, Any] | None = None, seed: int = 0) -> None:
        super().__init__()
        name = type(self).__qualname__
        self.split_map = shares_of(name, split_map)
        whole(name, "seed", seed)
        self.seed = seed

    def get_split_names(self) -> list[str]:
        """Name the splits in the order in which they were given."""
        return list(self.split_map)

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Draw a split for each example.

        Args:
            examples: a batch of n examples.

        Returns:
            n indices into the split names.
        """
        from zenrepo.steps.split.content_hash import draw, hash_examples

        return draw(hash_examples(examples, self.seed), self.get_split_names(), *cumulative(self.split_map))


class NoSplit(SplitStep):
    """Puts all examples into one split.

    Args:
        split: its name.
    """

    def __init__(self, *, split: str = "train") -> None:
        super().__init__()
        split_names(type(self).__qualname__, [split])
        self.split = split

    def get_split_names(self) -> list[str]:
        """Name the one split."""
        return [self.split]

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Give as many zeros as there are examples."""
        import numpy as np

        return np.zeros(examples.num_rows, np.int64)
