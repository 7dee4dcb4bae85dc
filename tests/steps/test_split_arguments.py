"""What the split steps take, and what they refuse when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.errors import StepArgumentError
from zenrepo.steps import (
    CategoricalDomainSplit,
    CategoricalRatioSplit,
    GroupedSplit,
    HashSplit,
    NoSplit,
    RandomSplit,
    SplitStep,
    StratifiedSplit,
    TimeSplit,
)

MADE: list[SplitStep] = [
    CategoricalDomainSplit(column="c", split_map={"train": ["a", 1], "eval": []}, unknown_category_policy="eval"),
    CategoricalRatioSplit(column="c", categories=["a", "b"], seed=2, unknown_category_policy="skip"),
    StratifiedSplit(column="c", split_map={"train": 0.5, "eval": 0.5}),
    GroupedSplit(column="c", seed=1, missing="train"),
    HashSplit(column="c", split_map={"a": 0.9, "b": 0.1}),
    TimeSplit(column="t", starts={"eval": "2026-01-01", "train": None, "test": "2026-02-01T00:00:00+02:00"}),
    TimeSplit(column="t", split_map={"old": 0.5, "new": 0.5}, order=["old", "new"], missing="skip"),
    NoSplit(split="all"),
]


@pytest.mark.parametrize("step", MADE, ids=lambda step: type(step).__name__)
def test_a_step_is_made_again_from_its_record(step: SplitStep) -> None:
    """The recorded arguments make an equal step."""
    again = type(step)(**step.args)

    assert again.args == step.args
    assert again.get_split_names() == step.get_split_names()


@pytest.mark.parametrize(
    ("kind", "arguments", "problem"),
    [
        (RandomSplit, {"split_map": {"train": 0.9, "eval": 0.5}}, "sum to 1.4, not to 1"),
        (RandomSplit, {"split_map": {"train": -1, "eval": 2}}, "the share of split 'train' is -1"),
        (RandomSplit, {"split_map": {"a b": 1}}, "'a b' cannot name a split"),
        (HashSplit, {"column": ""}, "column is '', not a text"),
        (HashSplit, {"column": "c", "missing": "evla"}, "missing is 'evla'"),
        (StratifiedSplit, {"column": "c", "split_map": {"train": "most"}}, "the share of split 'train' is 'most'"),
        (GroupedSplit, {"column": "c", "seed": 0.5}, "seed is 0.5, not a whole number"),
        (CategoricalDomainSplit, {"column": "c", "split_map": []}, "split_map is [], not a map"),
        (CategoricalDomainSplit, {"column": "c", "split_map": {"train": "a"}}, "split_map.train is 'a', not a list"),
        (CategoricalDomainSplit, {"column": "c", "split_map": {"train": [None]}}, "split_map.train[0] is None"),
        (
            CategoricalDomainSplit,
            {"column": "c", "split_map": {"train": ["a"], "eval": ["a"]}},
            "category 'a' is listed for 'train' and 'eval'",
        ),
        (
            CategoricalDomainSplit,
            {"column": "c", "split_map": {"train": ["a"], "skip": ["b"]}},
            "a split cannot be named 'skip'",
        ),
        (CategoricalRatioSplit, {"column": "c", "categories": ["a"]}, "1 categories cannot be divided among 2 splits"),
        (CategoricalRatioSplit, {"column": "c", "unknown_category_policy": "drop"}, "policy is 'drop'"),
        (TimeSplit, {"column": "t", "split_map": {"old": 0.5, "new": 0.5}}, "it is not said when split 'old' is"),
        (TimeSplit, {"column": "t", "order": ["train"]}, "order is ['train'], not a list of the splits"),
        (TimeSplit, {"column": "t", "starts": {"train": None, "eval": "01/02/2026"}}, "starts.eval is '01/02/2026'"),
        (TimeSplit, {"column": "t", "starts": {"train": None, "eval": "2026-13-01"}}, "starts.eval is '2026-13-01'"),
        (TimeSplit, {"column": "t", "starts": {"train": 1, "eval": 2}}, "starts has 0 splits without a moment"),
        (TimeSplit, {"column": "t", "starts": {"train": None, "eval": 2, "test": "2026-01-01"}}, "numbers and texts"),
        (TimeSplit, {"column": "t", "starts": {"train": None, "eval": 2, "test": 2.0}}, "begin at the same moment"),
        (TimeSplit, {"column": "t", "starts": {"train": None, "eval": 2}, "split_map": {"train": 1}}, "shares beside"),
        (NoSplit, {"split": "a/b"}, "'a/b' cannot name a split"),
    ],
)
def test_a_bad_argument_is_refused_by_name(kind: type[SplitStep], arguments: dict[str, Any], problem: str) -> None:
    """The message names the step and the argument."""
    with pytest.raises(StepArgumentError) as refused:
        kind(**arguments)

    assert refused.value.message.startswith(f"step '{kind.__name__}': ")
    assert problem in refused.value.message


def test_the_order_of_a_map_does_not_matter() -> None:
    """The same starts, written in another order, make the same splits in the same order."""
    one = TimeSplit(column="t", starts={"train": None, "eval": "2026-01-01", "test": "2026-01-02"})
    two = TimeSplit(column="t", starts={"test": "2026-01-02", "eval": "2026-01-01", "train": None})

    assert one.get_split_names() == two.get_split_names() == ["train", "eval", "test"]
