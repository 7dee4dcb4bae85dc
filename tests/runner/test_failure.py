"""How an error in a step is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.errors import DataError
from zenrepo.runner.failure import describe

SOURCE = "def work():\n    raise ValueError('too little')\n"


def raised_in(root: Path) -> BaseException:
    """Raise an error in a module of the user's."""
    file = root / "mine.py"
    file.write_text(SOURCE)
    space: dict[str, object] = {}
    exec(compile(SOURCE, str(file), "exec"), space)
    try:
        space["work"]()  # type: ignore[operator]
    except ValueError as error:
        return error
    raise AssertionError


def test_the_users_line_is_named(tmp_path: Path) -> None:
    """The message has the error's type and text, and where in the user's source it was raised."""
    told = describe(raised_in(tmp_path), "split", [str(tmp_path)])

    assert told["message"] == "step 'split': ValueError: too little (mine.py:2 in work)"
    assert "Traceback" in told["traceback"]


def test_an_error_of_our_own_is_told_as_it_is(tmp_path: Path) -> None:
    """A message made for the user keeps its words and its hint."""
    told = describe(DataError("t.csv", "is empty", row=3, hint="fill it"), "data", [str(tmp_path)])

    assert told["message"] == "step 'data': t.csv, row 3: is empty"
    assert told["hint"] == "fill it"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'Traceback (most recent call last):\n  File "core.py", line 1, in f\n    g()\n'
            "KeyError: 3 [while running 'x']",
            "step 'data': KeyError: 3",
            "",
        ),
        (
            'Traceback (most recent call last):\n  File "core.py", line 1, in f\n    g()\n'
            "zenrepo.errors.StepFailed: no rows\nhint: bring some [while running 'x']",
            "step 'data': no rows",
            "bring some",
        ),
    ],
)
def test_an_error_that_beam_hands_on_as_text_is_told_as_it_was(text: str, message: str, hint: str) -> None:
    """What another worker of Beam raised arrives as the text of its traceback."""
    told = describe(RuntimeError(text), "data", [])

    assert told["message"] == message
    assert told["hint"] == hint


def test_what_was_raised_first_is_what_counts(tmp_path: Path) -> None:
    """AutoGraph raises another error in the place of the user's."""
    wrapped = RuntimeError("in user code:\n    …")
    wrapped.__cause__ = raised_in(tmp_path)
    told = describe(wrapped, "preprocess", [str(tmp_path)])

    assert told["message"] == "step 'preprocess': ValueError: too little (mine.py:2 in work)"
