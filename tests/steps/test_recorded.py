"""The arguments of a step are recorded, and come back as they were."""

from __future__ import annotations

import enum
import math
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.errors import StepArgumentError
from zenrepo.recorded import restored
from zenrepo.steps import BaseStep, RandomSplit


class Mine(BaseStep):
    """Takes anything, and hands nothing on to its base."""

    def __init__(self, **given: Any) -> None:
        self.given = given


class Colour(str, enum.Enum):
    """A string with a name."""

    RED = "red"


def classes(dotted: str) -> type:
    """Give the classes that the tests name."""
    return {"tests.steps.test_recorded.Mine": Mine, "zenrepo.steps.RandomSplit": RandomSplit}[dotted]


ZONES = st.sampled_from([None, timezone.utc, timezone(timedelta(hours=-7, minutes=-30))])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.dates()
    | st.datetimes(timezones=ZONES).map(lambda time: time.replace(fold=0))
    | st.just(Mine),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), VALUES, max_size=4))
def test_every_argument_comes_back_with_its_type(given: dict[str, Any]) -> None:
    """A string stays a string, whatever it looks like; dates and classes are themselves again."""
    step = Mine(**given)

    again = restored(step.record, classes)

    assert (again, step.args) == (given, given)
    assert repr(again) == repr(given)


def test_nothing_need_be_handed_to_the_base() -> None:
    """The record is made before the class's own ``__init__`` is called."""
    assert Mine(a=1).args == {"a": 1}


def test_a_list_that_is_changed_later_does_not_change_the_record() -> None:
    """It is copied."""
    layers = [4]
    step = Mine(layers=layers)
    layers.append(2)

    assert step.args == step.record == {"layers": [4]}


def test_a_string_that_looks_like_a_path_of_a_class_is_a_string() -> None:
    """Nothing is imported because of it."""
    step = Mine(a="os.path", b="zenrepo.steps.RandomSplit", c="2024-05-01")

    assert restored(step.record, classes) == {"a": "os.path", "b": "zenrepo.steps.RandomSplit", "c": "2024-05-01"}


def test_an_enumeration_is_recorded_as_its_value() -> None:
    """What is made again gets the plain value."""
    assert Mine(colour=Colour.RED).record == {"colour": "red"}


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (math.nan, "argument 'a' cannot be recorded: nan is not a finite number", "numbers, strings"),
        ((1, 2), "argument 'a' cannot be recorded: it is a tuple", "give a list"),
        ({1: 2}, "argument 'a' cannot be recorded: its key 1 is not a string", "use '1'"),
        ([{"b": {3}}], "argument 'a[0].b' cannot be recorded: it is a set", "give a list"),
        (Path("x/y"), "argument 'a' cannot be recorded: it is a", "give a string: 'x/y'"),
        (print, "argument 'a' cannot be recorded: it is a builtin_function_or_method", "make the object inside"),
        (RandomSplit(), "argument 'a' cannot be recorded: it is a RandomSplit", "make the object inside the step"),
        ({"!date": "2024-05-01"}, "argument 'a' cannot be recorded: '!date' marks typed values", "rename it"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(value: object, message: str, hint: str) -> None:
    """When the step is made, with the place inside the argument and the way out."""
    with pytest.raises(StepArgumentError) as refused:
        Mine(a=value)

    assert f"step 'Mine': {message}" in refused.value.message
    assert hint in refused.value.hint


def test_a_class_that_no_import_finds_is_refused() -> None:
    """One that a function made."""

    class Local:
        pass

    with pytest.raises(StepArgumentError, match="is not in a module of its own"):
        Mine(a=Local)


def test_positional_arguments_are_refused() -> None:
    """With the first of them."""
    with pytest.raises(StepArgumentError, match="takes keyword arguments only"):
        Mine("a")  # type: ignore[misc]
