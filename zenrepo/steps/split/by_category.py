"""Splits by the value of a column: listed values, or values divided by ratio.

numpy and Arrow are imported in the methods that run: this module is also imported where neither is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError, StepFailed, did_you_mean
from zenrepo.steps.checks import text, whole
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.split.arguments import ERROR, a_map, cumulative, policy, shares_of, split_names

if TYPE_CHECKING:  # the annotations alone need these
    import numpy as np
    import pyarrow as pa


class _Categorical(SplitStep):
    """What the steps have in common that go by the categories in a column."""

    column: str
    unknown_category_policy: str

    def get_columns(self) -> list[str]:
        """Name the column of the categories."""
        return [self.column]

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Choose a split for each example by its category; a missing one is unknown.

        Args:
            examples: a batch of n examples.

        Returns:
            n indices into the split names, -1 for what is left out.

        Raises:
            StepFailed: for an unknown category, where ``unknown_category_policy`` says so.
        """
        from zenrepo.steps.split.columns import settle, sort_by, values_of

        values = values_of(examples, self.column)
        parts, unknown = settle(
            sort_by(values, self._choose),
            self.unknown_category_policy,
            self.get_split_names(),
            lambda place: self._unknown(values[place].as_py()),
        )
        if unknown:
            self.count("unknown_categories", unknown)
        return parts

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split none of whose categories is there."""
        return f"see which values column '{self.column}' has: none of them belongs to '{split}'"

    def _choose(self, categories: list[Any]) -> list[int | None]:
        raise NotImplementedError

    def _listed(self) -> list[Any]:
        raise NotImplementedError

    def _unknown(self, value: Any) -> StepFailed:
        from zenrepo.steps.split.columns import plain

        cure = f"set unknown_category_policy to 'skip', or to one of {', '.join(map(repr, self.get_split_names()))}"
        if value is None:
            return StepFailed(f"column '{self.column}' has no value in some examples", cure)
        found, listed = plain(value), self._listed()
        if listed and isinstance(found, str) != isinstance(listed[0], str):
            kinds = ("texts", "numbers") if isinstance(found, str) else ("numbers", "texts")
            return StepFailed(
                f"column '{self.column}' holds {kinds[0]}, but the categories are {kinds[1]}",
                f"list {found!r}, not {listed[0]!r}",
            )
        near = did_you_mean(str(found), [str(one) for one in listed])
        hint = f"{near} otherwise {cure}" if near else f"list it, or {cure}"
        return StepFailed(f"category {found!r} of column '{self.column}' is listed nowhere", hint)


class CategoricalDomainSplit(_Categorical):
    """Puts each example into the split that lists its category.

    Args:
        column: the column of the categories.
        split_map: for each split the list of its categories.
        unknown_category_policy: what becomes of an example whose category is listed nowhere or missing: ``error``,
            ``skip``, or the name of a split.
    """

    def __init__(self, *, column: str, split_map: dict[str, list[Any]], unknown_category_policy: str = ERROR) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "column", column)
        split_names(name, a_map(name, "split_map", split_map, "give split_map={'train': ['a', 'b'], 'eval': ['c']}"))
        self.column = column
        self.split_map = split_map
        self._places: dict[Any, int] = {}
        for place, (split, categories) in enumerate(split_map.items()):
            unlisted = split == unknown_category_policy and categories == []
            check_categories(name, f"split_map.{split}", categories, may_be_empty=unlisted)
            for category in categories:
                if self._places.setdefault(category, place) != place:
                    both = f"'{list(split_map)[self._places[category]]}' and '{split}'"
                    raise StepArgumentError(name, f"category {category!r} is listed for {both}", "list it once")
        policy(name, "unknown_category_policy", unknown_category_policy, list(split_map))
        self.unknown_category_policy = unknown_category_policy

    def get_split_names(self) -> list[str]:
        """Name the splits in the order in which they were given."""
        return list(self.split_map)

    def _choose(self, categories: list[Any]) -> list[int | None]:
        return [self._places.get(category) for category in categories]

    def _listed(self) -> list[Any]:
        return list(self._places)


class CategoricalRatioSplit(_Categorical):
    """Divides the categories themselves by ratio; all examples of a category are in one split.

    Categories that are listed are divided exactly. Without a list each category's split is drawn from its hash and the
    seed, so that new categories move none that were there.

    Args:
        column: the column of the categories.
        split_map: the share of each split of the categories; positive, with a sum of 1.
        categories: those to divide. By default all that there are.
        seed: another seed divides otherwise.
        unknown_category_policy: what becomes of an example whose category is not listed or missing: ``error``,
            ``skip``, or the name of a split.
    """

    def __init__(
        self,
        *,
        column: str,
        split_map: dict[str, Any] | None = None,
        categories: list[Any] | None = None,
        seed: int = 0,
        unknown_category_policy: str = ERROR,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "column", column)
        whole(name, "seed", seed)
        self.column = column
        self.split_map = shares_of(name, split_map)
        policy(name, "unknown_category_policy", unknown_category_policy, list(self.split_map))
        if categories is not None:
            check_categories(name, "categories", categories)
            if len(set(categories)) < len(self.split_map):
                problem = f"{len(set(categories))} categories cannot be divided among {len(self.split_map)} splits"
                raise StepArgumentError(name, problem, "list more categories")
        self.categories = categories
        self.seed = seed
        self.unknown_category_policy = unknown_category_policy

    def get_split_names(self) -> list[str]:
        """Name the splits in the order in which they were given."""
        return list(self.split_map)

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split that no category was drawn for."""
        return f"no value of column '{self.column}' was drawn for '{split}': list the categories, or try another seed"

    def _choose(self, categories: list[Any]) -> list[int | None]:
        from zenrepo.steps.split.columns import hashes_of
        from zenrepo.steps.split.content_hash import draw

        if self.categories is not None:
            places = self._places()
            return [places.get(category) for category in categories]
        hashes = hashes_of(categories, self.seed)
        chosen: list[int | None] = draw(hashes, self.get_split_names(), *cumulative(self.split_map)).tolist()
        return chosen

    def _places(self) -> dict[Any, int]:
        """Divide the listed categories in the order of their hashes; every split gets one at least."""
        from zenrepo.steps.split.columns import hashes_of, plain

        listed = sorted({plain(category) for category in self.categories or []}, key=str)
        hashes = hashes_of(listed, self.seed).tolist()
        ordered = [category for _, category in sorted(zip(hashes, listed, strict=True), key=lambda pair: pair[0])]
        drawn, ends = cumulative(self.split_map)
        places: dict[Any, int] = {}
        start = 0
        for number, split in enumerate(drawn):
            last = number == len(drawn) - 1
            end = len(ordered) if last else round(ends[number] * len(ordered))
            end = min(max(end, start + 1), len(ordered) - (len(drawn) - 1 - number))
            places |= dict.fromkeys(ordered[start:end], self.get_split_names().index(split))
            start = end
        return places

    def _listed(self) -> list[Any]:
        return self.categories or []


def check_categories(step: str, argument: str, value: object, *, may_be_empty: bool = False) -> None:
    """Refuse what is no list of categories.

    Args:
        step: the class of the step.
        argument: the name of the argument.
        value: of the argument.
        may_be_empty: whether there need be none.

    Raises:
        StepArgumentError: unless it is a list of texts, or of numbers.
    """
    if not isinstance(value, list) or not (value or may_be_empty):
        raise StepArgumentError(step, f"{argument} is {value!r}, not a list of categories", "give ['a', 'b']")
    for position, item in enumerate(value):
        if not isinstance(item, str | int | float):
            raise StepArgumentError(step, f"{argument}[{position}] is {item!r}, not a text or a number")
