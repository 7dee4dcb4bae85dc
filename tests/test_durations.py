"""Lengths of time as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.durations import LONGEST, duration_text, refuse_no_duration, seconds_of
from zenrepo.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30),
        ("10 min", 600),
        ("10min", 600),
        ("2 h", 7200),
        ("1 h 30 min", 5400),
        ("1.5 hours", 5400),
        ("30 d", 2_592_000),
        ("2 Weeks", 1_209_600),
        ("90", 90),
        (90, 90),
        (0.5, 0.5),
        ("0", 0),
    ],
)
def test_a_length_of_time_is_read(text, seconds):
    """A number and a unit, several of them, or plain seconds."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", "'soon' is no length of time"),
        ("", "'' is no length of time"),
        ("5 minuets", "unknown unit of time 'minuets'"),
        ("5 min or so", "'5 min or so' is no length of time"),
        ("-5 s", "'-5 s' is no length of time"),
        (-5, "'-5' is no length of time: it takes from nothing to ten years"),
        (float("nan"), "'nan' is no length of time"),
        ("11 h 4000 d", "'11 h 4000 d' is no length of time: it takes from nothing to ten years"),
        ("٣ s", "'٣ s' is no length of time"),
    ],
)
def test_what_is_no_length_of_time_is_refused(text, message):
    """With how to write one."""
    with pytest.raises(UsageError) as caught:
        seconds_of(text)

    assert caught.value.message.startswith(message)
    assert "'10 min'" in caught.value.hint


def test_nothing_is_no_limit():
    """A limit of nothing would end everything at once; no limit is said by leaving it out."""
    refuse_no_duration(None)
    refuse_no_duration("1 s")

    with pytest.raises(UsageError, match="leave it out"):
        refuse_no_duration("0 min")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7200, "2 h"), (5400, "1 h 30 min"), (2.5, "2.5 s"), (0, "0 s"), (90_061, "1 d 1 h 1 min 1 s")],
)
def test_a_length_of_time_is_written(seconds, text):
    """In its largest units."""
    assert duration_text(seconds) == text


@given(st.integers(0, LONGEST * 1000))
def test_what_is_written_is_read_back(milliseconds):
    """To the thousandth of a second."""
    assert seconds_of(duration_text(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=2e-3)
