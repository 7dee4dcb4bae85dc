"""Thresholds: what blesses a model."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps import ResultsEvaluator, TFMAEvaluator
from zenrepo.steps.evaluator.thresholds import KEYS, bounds_of, compares, refuse_unknown, unmet


def reasons(threshold: Any, value: float, baseline: float | None = None, slices: Any = ()) -> list[str]:
    """Say why a model with one metric is not blessed."""
    before = None if baseline is None else {"auc": baseline}
    return unmet(bounds_of("Step", {"auc": threshold}), {"auc": value}, before, slices)


def test_a_number_is_the_least_value() -> None:
    """The value itself meets its threshold."""
    assert reasons(0.9, 0.9) == []
    assert reasons(0.9, 0.89) == ["auc is 0.89, not at least 0.9"]


def test_both_bounds_count() -> None:
    """A map may have a lower and an upper bound."""
    assert reasons({"at_least": 0.5, "at_most": 0.9}, 0.7) == []
    assert reasons({"at_least": 0.5, "at_most": 0.9}, 0.95) == ["auc is 0.95, not at most 0.9"]


def test_a_change_is_the_difference_from_the_baseline() -> None:
    """A model that is worse than the one before is refused where the threshold says so."""
    assert reasons({"change_at_least": -0.01}, 0.9, 0.905) == []
    assert reasons({"change_at_least": -0.01}, 0.9, 0.95) == ["the change of auc is -0.05, not at least -0.01"]


def test_without_a_baseline_no_change_counts() -> None:
    """The first model has nothing to be compared to."""
    assert reasons({"at_least": 0.5, "change_at_least": 0.1}, 0.9) == []


def test_every_slice_counts() -> None:
    """A slice that lacks the metric does not meet its threshold either."""
    slices = [({"sex": "f"}, {"auc": 0.9}), ({"sex": "m", "age": 7}, {"auc": 0.6}), ({"sex": "x"}, {})]

    assert reasons({"slices_at_least": 0.7}, 0.9, slices=slices) == [
        "auc of sex m, age 7 is 0.6, not at least 0.7",
        "auc of sex x is nan, not at least 0.7",
    ]


def test_no_number_meets_no_bound() -> None:
    """Neither bound is met by a metric that has no value."""
    assert len(reasons({"at_least": 0.0, "at_most": 1.0}, math.nan)) == 2


@given(value=st.floats(-1e6, 1e6), least=st.floats(-1e6, 1e6), most=st.floats(-1e6, 1e6))
def test_a_model_is_blessed_exactly_between_its_bounds(value: float, least: float, most: float) -> None:
    """There is a reason for each bound that is broken, and for no other."""
    found = reasons({"at_least": least, "at_most": most}, value)

    assert len(found) == (value < least) + (value > most)


@pytest.mark.parametrize(
    ("threshold", "problem"),
    [
        (True, "is True"),
        ("0.9", "is '0.9'"),
        ({}, "is {}"),
        ({"at_leest": 1}, "has no bound 'at_leest'"),
        ({"at_least": "x"}, "bound 'at_least' of 'auc' is 'x'"),
        (math.inf, "is inf"),
    ],
)
@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_what_is_no_threshold_is_refused_with_the_metric(step: Any, threshold: Any, problem: str) -> None:
    """It is refused when the step is made, and the near name is offered."""
    with pytest.raises(StepArgumentError) as raised:
        bounds_of(step.__name__, {"auc": threshold})

    assert problem in raised.value.message
    assert "auc" in raised.value.message


def test_a_near_bound_is_offered() -> None:
    """A mistyped bound gets the right one as its hint."""
    with pytest.raises(StepArgumentError) as raised:
        TFMAEvaluator(label="y", thresholds={"auc": {"at_leest": 0.9}})

    assert "did you mean 'at_least'" in raised.value.hint


def test_a_lone_number_for_a_loss_is_refused() -> None:
    """Of a loss a smaller value is better, so a least value would bless the bad models."""
    with pytest.raises(StepArgumentError, match="a smaller value of it is better"):
        ResultsEvaluator(label="y", thresholds={"mean_squared_error": 3})


def test_a_threshold_for_what_is_not_measured_is_refused_with_what_is_near() -> None:
    """The hint has the metric that was meant."""
    with pytest.raises(StepFailed, match="'acuracy', which is not measured") as raised:
        refuse_unknown(["acuracy"], ["accuracy", "auc"])

    assert raised.value.hint == "did you mean 'accuracy'?"


@pytest.mark.parametrize("key", KEYS)
def test_only_a_bound_of_the_change_asks_for_a_baseline(key: str) -> None:
    """What is measured on the model alone needs no other."""
    assert compares({"auc": {key: 0.1}, "accuracy": 0.5}) == key.startswith("change_")


@pytest.mark.parametrize("slices", ["sex", [1], [[]], [["sex", 3]], [""]])
@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_slices_that_are_no_features_are_refused(step: Any, slices: Any) -> None:
    """It is refused when the step is made."""
    with pytest.raises(StepArgumentError, match="slices"):
        step(label="y", slices=slices)


def test_an_unknown_metric_is_refused_when_the_step_is_made() -> None:
    """The near name is offered."""
    with pytest.raises(StepArgumentError) as raised:
        ResultsEvaluator(label="y", metrics=["rocauc"])

    assert raised.value.hint == "did you mean 'roc_auc'?"
