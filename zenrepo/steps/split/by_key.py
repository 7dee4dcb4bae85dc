"""HashSplit and GroupedSplit: all examples with one value of a column are in one split.

numpy, Arrow and Beam are imported in the methods that run: this module is also imported where they are not installed.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import text, whole
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.split.arguments import ERROR, cumulative, policy, shares_of

if TYPE_CHECKING:  # the annotations alone need these
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa


class HashSplit(SplitStep):
    """Draws a split for each value of a key column from the value's hash and a seed.

    So an example stays in its split when its other columns change and when the data grows, and all examples with the
    same key are together. The shares are shares of the keys, and hold the closer the more keys there are.

    Args:
        column: the column of the keys.
        split_map: the share of each split by name; positive, with a sum of 1. By default 0.7 ``train``, 0.3 ``eval``.
        seed: another seed draws otherwise.
        missing: what becomes of an example without a key: ``error``, ``skip``, or the name of a split.
    """

    def __init__(
        self, *, column: str, split_map: dict[str, Any] | None = None, seed: int = 0, missing: str = ERROR
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "column", column)
        whole(name, "seed", seed)
        self.column = column
        self.split_map = shares_of(name, split_map)
        policy(name, "missing", missing, list(self.split_map))
        self.seed = seed
        self.missing = missing

    def get_split_names(self) -> list[str]:
        """Name the splits in the order in which they were given."""
        return list(self.split_map)

    def get_columns(self) -> list[str]:
        """Name the column of the keys."""
        return [self.column]

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Choose a split for each example by its key.

        Args:
            examples: a batch of n examples.

        Returns:
            n indices into the split names, -1 for what is left out.

        Raises:
            StepFailed: for an example without a key, where ``missing`` says so.
        """
        import numpy as np

        from zenrepo.steps.split.columns import NOWHERE, hash_column, settle, values_of

        hashes, there = hash_column(values_of(examples, self.column), self.seed)
        parts = np.where(there, self._choose(hashes), NOWHERE)
        settled, missing = settle(parts, self.missing, self.get_split_names(), lambda _: self._without_key())
        if missing:
            self.count("missing_keys", missing)
        return settled

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split that no key was drawn for."""
        del split
        return f"column '{self.column}' has too few different values; name another, or try another seed"

    def _choose(self, hashes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        from zenrepo.steps.split.content_hash import draw

        return draw(hashes, self.get_split_names(), *cumulative(self.split_map))

    def _without_key(self) -> StepFailed:
        names = ", ".join(map(repr, self.get_split_names()))
        return StepFailed(
            f"column '{self.column}' has no value in some examples", f"set missing to 'skip', or to one of {names}"
        )


class GroupedSplit(HashSplit):
    """Keeps groups whole, and the shares of the examples as near as that allows.

    The groups are counted first. Then they are dealt out, the largest first, each to the split that is furthest from
    its share, so that large and small groups are in every split. When the data grows, groups may change their split;
    ``HashSplit`` keeps them where they are.

    Args:
        column: the column whose value says which group an example belongs to.
        split_map: the share of each split by name; positive, with a sum of 1. By default 0.7 ``train``, 0.3 ``eval``.
        seed: another seed deals groups of one size otherwise.
        missing: what becomes of an example without a group: ``error``, ``skip``, or the name of a split.
    """

    def analyze(self) -> Generator[beam.PTransform, Any, Any]:
        """Count the examples of each group, and deal the groups out."""
        from zenrepo.steps.split.group_counts import CountGroups, deal

        counts = yield CountGroups(self.column, self.seed)
        self.facts["groups"] = int((counts > 0).sum())
        return deal(counts, [self.split_map[name] for name in self.get_split_names()])

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split that got no group."""
        del split
        return f"column '{self.column}' has fewer groups than there are splits; name another column"

    def _choose(self, hashes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        from zenrepo.steps.split.group_counts import place_of

        chosen: np.ndarray[Any, Any] = self.analysis[place_of(hashes)]
        return chosen
