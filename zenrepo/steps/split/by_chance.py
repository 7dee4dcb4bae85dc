"""RandomSplit: each example's split is drawn by chance, and stays the same.

numpy and Arrow are imported in the methods that run: this module is also imported where neither is installed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import whole
from zenrepo.steps.interfaces.split import SplitStep

if TYPE_CHECKING:  # the annotations alone need these
    import numpy as np
    import pyarrow as pa

SHARES = {"train": 0.7, "eval": 0.3}


class RandomSplit(SplitStep):
    """Draws a split for each example from the hash of its content and a seed.

    So the same example is in the same split whatever stands around it, and equal examples are never in two.

    Args:
        split_map: the share of each split by name; positive, with a sum of 1. By default 0.7 ``train``, 0.3 ``eval``.
        seed: another seed draws otherwise.
    """

    def __init__(self, *, split_map: dict[str, Any] | None = None, seed: int = 0) -> None:
        super().__init__()
        self.split_map = SHARES if split_map is None else split_map
        self.seed = seed
        self._check()

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
        import numpy as np

        from zenrepo.steps.split.content_hash import hash_examples

        drawn = hash_examples(examples, self.seed) / 2.0**64
        bounds = np.cumsum(list(self.split_map.values()))[:-1]
        parts: np.ndarray[Any, Any] = np.searchsorted(bounds, drawn, side="right")
        return parts

    def _check(self) -> None:
        shares: object = self.split_map
        if not isinstance(shares, dict) or not shares:
            raise self._refusal(f"split_map is {shares!r}, not a map", "give split_map={'train': 0.7, 'eval': 0.3}")
        for name, share in shares.items():
            if isinstance(share, bool) or not isinstance(share, int | float):
                raise self._refusal(f"the share of split '{name}' is {share!r}, not a number", "give 0.7, or 0.3")
            if share <= 0:
                raise self._refusal(f"the share of split '{name}' is {share}", "give each split more than 0")
        if not math.isclose(total := sum(shares.values()), 1.0, abs_tol=1e-6):
            parts = " + ".join(f"{name} {share}" for name, share in shares.items())
            raise self._refusal(f"the shares in split_map sum to {total:g}, not to 1: {parts}", "make them sum to 1")
        whole(type(self).__qualname__, "seed", self.seed)

    def _refusal(self, problem: str, hint: str) -> StepArgumentError:
        return StepArgumentError(type(self).__qualname__, problem, hint)
