"""What StandardSequencer takes, and what it refuses when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.errors import StepArgumentError
from zenrepo.steps import StandardSequencer

MADE = StandardSequencer(
    timestamp="t",
    length=3,
    shift=2,
    category="c",
    frequency="15min",
    resampling={"x": "median", "y": {"method": "threshold", "cut": 0.5}},
    gap="2D",
    filling={"x": {"method": "constant", "value": -1}},
    features=["x", "y"],
    label="x",
    horizon=2,
    unit="ms",
)


def test_a_step_is_made_again_from_its_record() -> None:
    """The recorded arguments make an equal step."""
    again = StandardSequencer(**MADE.args)

    assert again.args == MADE.args
    assert again.get_columns() == MADE.get_columns() == ["t", "c", "x", "y"]


@pytest.mark.parametrize(
    ("changed", "problem", "hint"),
    [
        ({"length": 0}, "length is 0, not a positive whole number", ""),
        ({"shift": -1}, "shift is -1", ""),
        ({"timestamp": None}, "timestamp is None, not a text", ""),
        ({"category": "t"}, "'t' is both timestamp and category", "two columns"),
        ({"unit": "seconds"}, "unit is 'seconds'", "it can be s, ms"),
        ({"frequency": "1 fortnight"}, "frequency is '1 fortnight', not a length of time", "write '1D'"),
        ({"frequency": "0h"}, "frequency is '0h'", "at least one"),
        ({"frequency": 60}, "frequency is 60", "write '1D'"),
        ({"gap": "3 mins"}, "gap is '3 mins'", "did you mean 'min'"),
        ({"frequency": None}, "resampling was given, but no frequency", "how long a step is"),
        ({"resampling": {"x": "avarage"}}, "resampling.x is 'avarage', which is no method", "there are mean, median"),
        ({"resampling": {"x": "medain"}}, "resampling.x is 'medain'", "did you mean 'median'"),
        ({"resampling": {"x": "threshold"}}, "resampling.x lacks 'cut'", "{'method': 'threshold', 'cut': 0.5}"),
        ({"resampling": {"x": {"method": "mean", "cut": 1}}}, "resampling.x has 'cut', which 'mean' does not take", ""),
        ({"resampling": "mean"}, "resampling is 'mean', not a map", ""),
        ({"filling": {"x": {"method": "constant", "value": None}}}, "filling.x.value is None", ""),
        ({"filling": {"c": "forward"}}, "filling names 'c', which is no feature", ""),
        ({"label": "z"}, "label names 'z', which is not among features", "add it there"),
    ],
)
def test_a_bad_argument_is_refused_by_name(changed: dict[str, Any], problem: str, hint: str) -> None:
    """The message names the argument and the feature, the hint the cure."""
    with pytest.raises(StepArgumentError) as refused:
        StandardSequencer(**{**MADE.args, **changed})

    assert refused.value.message.startswith("step 'StandardSequencer': ")
    assert problem in refused.value.message
    assert hint in refused.value.hint
