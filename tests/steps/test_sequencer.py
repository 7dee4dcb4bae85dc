"""StandardSequencer on rows of known values: steps, gaps, fillings and windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runner.in_process import Rows, examples, perform, read
from zenrepo.errors import StepFailed
from zenrepo.steps import StandardSequencer

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
Windows = list[dict[str, list[Any]]]
Sequence = Callable[..., tuple[dict[str, Any], Windows]]
NOON = 1_700_049_600
"""Noon of a day, in seconds since 1970."""


@pytest.fixture
def sequence(tmp_path: Path) -> Sequence:
    """Makes windows of tables, each a file: gives what is reported, and each window as lists, sorted."""

    def run(step: StandardSequencer, *tables: Rows) -> tuple[dict[str, Any], Windows]:
        from zenrepo.runner.executors.sequencer import sequence

        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        source = examples(folder / "source", train=list(tables))
        facts, made = perform(sequence, step, folder, source, ("rows", "examples"))
        return facts, sorted((_plain(example) for example in read(made, "train")), key=str)

    return run


def _plain(example: Any) -> dict[str, list[Any]]:
    """Take the lists out of an example."""
    found = {}
    for name, feature in sorted(example.features.feature.items()):
        values = getattr(feature, feature.WhichOneof("kind")).value
        found[name] = [v.decode() if isinstance(v, bytes) else round(v, 4) for v in values]
    return found


def windows(name: str, made: Windows) -> list[list[Any]]:
    """Take one feature out of windows."""
    return [window[name] for window in made]


def test_windows_have_a_length_and_a_shift(sequence: Sequence) -> None:
    """Rows in any order and any file are sorted by time; the last steps that fill no window are left over."""
    step = StandardSequencer(timestamp="t", length=3, shift=2)
    times = [5, 1, 4, 2, 3, 6]
    facts, made = sequence(step, {"t": times[:2], "x": times[:2]}, {"t": times[2:], "x": times[2:]})

    assert windows("x", made) == [[1, 2, 3], [3, 4, 5]]
    assert facts == {"rows": 2, "splits": {"train": 2}, "series": 1, "steps": 6, "overlap": 1}


def test_categories_are_never_mixed(sequence: Sequence) -> None:
    """Each category is a series; one that is too short is left out, and so are rows without time or category."""
    rows = {
        "t": [1, 2, 3, 4, 5, 6, 7, None, 9],
        "c": ["a", "b", "a", "b", "a", "b", "short", "a", None],
        "x": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    }
    facts, made = sequence(StandardSequencer(timestamp="t", category="c", length=3), rows)

    assert made == [{"c": ["a"], "x": [1, 3, 5]}, {"c": ["b"], "x": [2, 4, 6]}]
    assert facts["short_series"] == facts["rows_without_time"] == facts["rows_without_category"] == 1


def test_a_gap_begins_a_new_series(sequence: Sequence) -> None:
    """No window reaches over a pause that is longer than the gap; a shorter one is filled."""
    hours = [0, 1, 3, 10, 11, 12]
    rows = {"t": [NOON + hour * 3600 for hour in hours], "x": [float(hour) for hour in hours]}
    facts, made = sequence(StandardSequencer(timestamp="t", length=3, frequency="h", gap="3h"), rows)

    assert windows("x", made) == [[0, 1, 1], [1, 1, 3], [10, 11, 12]]
    assert facts["series"] == 2


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("mean", [2.25, 5]),
        ("median", [1.5, 5]),
        ("mode", [1, 5]),
        ("sum", [9, 5]),
        ("min", [1, 5]),
        ("max", [5, 5]),
        ("first", [2, 5]),
        ("last", [5, 5]),
        ("count", [4, 1]),
        ({"method": "threshold", "cut": 2.5}, [0, 1]),
    ],
)
def test_the_values_of_a_step_become_one(method: Any, wanted: list[float], sequence: Sequence) -> None:
    """Four values in the first hour, one in the next."""
    rows = {"t": [NOON + minute * 60 for minute in (1, 9, 30, 59, 60)], "x": [2, 1, 1, 5, 5]}
    _, made = sequence(StandardSequencer(timestamp="t", length=2, frequency="h", resampling={"x": method}), rows)

    assert windows("x", made) == [wanted]


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("forward", [3, 3, 3, 3, 6, 6]),
        ("backward", [3, 3, 6, 6, 6, 6]),
        ("linear", [3, 3, 4, 5, 6, 6]),
        ("min", [3, 3, 3, 3, 6, 3]),
        ("max", [6, 3, 6, 6, 6, 6]),
        ("mean", [4.5, 3, 4.5, 4.5, 6, 4.5]),
        ({"method": "constant", "value": -1}, [-1, 3, -1, -1, 6, -1]),
    ],
)
def test_a_step_without_a_value_gets_one(method: Any, wanted: list[float], sequence: Sequence) -> None:
    """Missing at both ends and in the middle."""
    rows = {"t": [1, 2, 3, 4, 5, 6], "x": [None, 3.0, None, None, 6.0, None], "y": [1] * 6}
    _, made = sequence(StandardSequencer(timestamp="t", length=6, filling={"x": method}), rows)

    assert windows("x", made) == [wanted]


def test_texts_take_the_most_frequent(sequence: Sequence) -> None:
    """By default a text is the most frequent of its step, of several the first in the alphabet."""
    rows = {"day": ["2026-01-01T08:00", "2026-01-01T09:00", "2026-01-01", "2026-01-03"], "w": ["ö", "sun", "ö", "fog"]}
    _, made = sequence(StandardSequencer(timestamp="day", length=3, frequency="1D"), rows)

    assert windows("w", made) == [["ö", "ö", "fog"]]


def test_what_is_summed_is_0_where_nothing_was(sequence: Sequence) -> None:
    """No sale in an hour is a sum of 0, not the sum before."""
    rows = {"t": [NOON, NOON + 1, NOON + 7200], "sold": [1, 2, 4]}
    _, made = sequence(StandardSequencer(timestamp="t", length=3, frequency="h", resampling={"sold": "sum"}), rows)

    assert windows("sold", made) == [[3, 0, 4]]


@pytest.mark.parametrize(
    ("frequency", "moments"),
    [
        ("MS", ["2026-01-31", "2026-02-01", "2026-03-15"]),
        ("W", ["2026-01-04", "2026-01-05", "2026-01-12"]),
        ("QS", ["2025-12-31", "2026-01-01", "2026-06-30"]),
        ("YS", ["2024-02-29", "2025-01-01", "2026-12-31"]),
        ("15min", ["2026-01-01T00:14:59Z", "2026-01-01T01:15:00+01:00", "2026-01-01T00:30"]),
    ],
)
def test_steps_follow_the_calendar(frequency: str, moments: list[str], sequence: Sequence) -> None:
    """Three moments in three steps that follow each other."""
    _, made = sequence(StandardSequencer(timestamp="t", length=3, frequency=frequency), {"t": moments, "x": [1, 2, 3]})

    assert windows("x", made) == [[1, 2, 3]]


def test_the_label_is_what_comes_behind_the_window(sequence: Sequence) -> None:
    """Each window knows the next values, and none is made that has no future."""
    rows = {"t": list(range(6)), "x": list(range(6)), "y": [10 * i for i in range(6)]}
    _, made = sequence(StandardSequencer(timestamp="t", length=3, label="y", horizon=2), rows)

    assert windows("x", made) == [[0, 1, 2], [1, 2, 3]]
    assert windows("y_next", made) == [[30, 40], [40, 50]]


def test_a_series_without_any_value_is_left_out(sequence: Sequence) -> None:
    """Nothing is made up for a feature that a whole series lacks, and the report says so."""
    rows = {"t": [1, 2, 1, 2], "c": [1, 1, 2, 2], "x": [1.0, 2.0, None, None]}
    facts, made = sequence(StandardSequencer(timestamp="t", category="c", length=2), rows)

    assert made == [{"c": [1], "x": [1, 2]}]
    assert facts["series_without_values"] == 1


def test_only_the_features_that_are_named_are_kept(sequence: Sequence) -> None:
    """Other columns are not in the windows."""
    step = StandardSequencer(timestamp="t", length=2, features=["x"])
    _, made = sequence(step, {"t": [1, 2], "x": [1, 2], "y": [3, 4]})

    assert made == [{"x": [1, 2]}]


class Loudest(StandardSequencer):
    """Resamples by the greatest amplitude."""

    def resample(self, name: str, values: Any, found: str) -> Any:
        """Take the largest absolute value of a step."""
        return values.agg(lambda step: step.abs().max()) if name == "x" else super().resample(name, values, found)


def test_a_part_can_be_overridden(sequence: Sequence) -> None:
    """A subclass resamples one feature its own way; all else is as it was."""
    step = Loudest(timestamp="t", length=2, frequency="h")
    _, made = sequence(step, {"t": [0, 1, 3600], "x": [-7.0, 2.0, 1.0], "y": [-7.0, 2.0, 1.0]})

    assert made == [{"x": [7, 1], "y": [-2.5, 1]}]


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"timestamp": "tt"}, "there is no column 'tt' in the examples", "did you mean 't'?"),
        ({"timestamp": "w"}, "'sun' in column 'w' is not an ISO 8601 time", "write it as '2026-01-31'"),
        ({"timestamp": "big"}, "in column 'big' is no time from 1678 to 2261, counted in 's'", "set unit: 'ms'"),
        ({"length": 10}, "split 'train' has no sequences (series 1, short_series 1, steps 3)", "make the sequences"),
        ({"frequency": "ns"}, "frequency 'ns' makes 172800000000001 steps of 3 rows", "a longer frequency"),
        ({"frequency": "D", "resampling": {"w": "mean"}}, "feature 'w' is text, and cannot be resampled by", "'mode'"),
        ({"filling": {"x": {"method": "constant", "value": "a"}}}, "feature 'x' is a number, and cannot be filled", ""),
        ({"features": ["many"]}, "column 'many' has several values", "one in each"),
    ],
)
def test_what_makes_no_sequences_is_refused(changed: Any, message: str, hint: str, sequence: Sequence) -> None:
    """The message names the column or the feature, the hint the cure."""
    rows = {
        "t": [NOON, NOON + 86400, NOON + 2 * 86400],
        "big": [NOON * 1000] * 3,
        "x": [1.0, 2.0, None],
        "w": ["sun"] * 3,
        "many": [[1, 2]] * 3,
    }
    arguments = {"timestamp": "t", "length": 2, "features": ["x", "w"], **changed}

    with pytest.raises(StepFailed) as refused:
        sequence(StandardSequencer(**arguments), rows)

    assert message in refused.value.message
    assert hint in refused.value.hint
