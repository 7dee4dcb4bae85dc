"""Makes even steps of sorted rows: parts them into series, resamples them and fills what is missing.

This module imports numpy and pandas; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zenrepo.errors import StepFailed
from zenrepo.steps.sequencer.arguments import NUMBERS_ONLY
from zenrepo.steps.sequencer.grid import steps_of, times_of
from zenrepo.steps.sequencer.rows import CATEGORY, HASH, TIME

if TYPE_CHECKING:  # the step imports this module
    from zenrepo.steps.sequencer.standard import StandardSequencer

SERIES = "\0series"
SPARSE = 1000
"""More steps than this for a row, and ...
"""
MANY = 10_000_000
"""... more steps than this in one part, and the frequency is a mistake."""


def even_steps(rows: pd.DataFrame, types: dict[str, str], step: StandardSequencer) -> pd.DataFrame:
    """Make steps of the rows of some series.

    Args:
        rows: in any order.
        types: of the features.
        step: the arguments.

    Returns:
        Steps, those of a series together and in the order of time: features, ``TIME``, ``CATEGORY`` and ``SERIES``.
        Series in which a feature has no value are not among them.
    """
    rows = rows.sort_values([CATEGORY, TIME, HASH], kind="stable", ignore_index=True)
    missing = {name: np.nan if kind != "string" else None for name, kind in types.items() if name not in rows}
    rows = rows.assign(**{SERIES: _series(rows, step), **missing})
    steps = rows if step.frequency is None else _resample(rows, types, step)
    for name, kind in types.items():
        filling = step.filling_of(name, kind)
        _refuse_text(name, kind, filling["method"], "filled")
        if isinstance(filling.get("value"), str) and kind != "string":
            raise StepFailed(f"feature '{name}' is a number, and cannot be filled with {filling['value']!r}")
        steps[name] = step.fill(name, steps[name], steps[SERIES], kind)
    lacking = steps.loc[steps[list(types)].isna().any(axis=1), SERIES].unique()
    if len(lacking):
        step.count("series_without_values", len(lacking))
        steps = steps[~steps[SERIES].isin(lacking)].reset_index(drop=True)
    return steps


def _series(rows: pd.DataFrame, step: StandardSequencer) -> Any:
    """Number the series: another category begins a new one, and so does a gap."""
    category = rows[CATEGORY].to_numpy()
    begins = np.ones(len(rows), bool)
    begins[1:] = category[1:] != category[:-1]
    if step.gap is not None:
        begins[1:] |= np.diff(rows[TIME].to_numpy()) > step.gap.nanoseconds
    return np.cumsum(begins) - 1


def _resample(rows: pd.DataFrame, types: dict[str, str], step: StandardSequencer) -> pd.DataFrame:
    """Make one row of those of a step, and one for each step that has none."""
    assert step.frequency is not None
    numbers = steps_of(rows[TIME].to_numpy(), step.frequency)
    series = rows[SERIES].to_numpy()
    first = np.flatnonzero(np.append(True, np.diff(series) > 0))
    last = np.append(first[1:], len(rows)) - 1
    begins, sizes = numbers[first], numbers[last] - numbers[first] + 1
    if sizes.sum() > max(MANY, SPARSE * len(rows)):
        raise StepFailed(
            f"frequency '{step.frequency.text}' makes {sizes.sum()} steps of {len(rows)} rows",
            "set a longer frequency, or a gap that begins a new series",
        )
    starts = np.cumsum(sizes) - sizes
    within = np.arange(sizes.sum()) - np.repeat(starts, sizes)
    steps = pd.DataFrame(
        {
            SERIES: np.repeat(np.arange(len(sizes)), sizes),
            TIME: times_of(np.repeat(begins, sizes) + within, step.frequency),
            CATEGORY: np.repeat(rows[CATEGORY].to_numpy()[first], sizes),
        }
    )
    grouped = rows.groupby([series, numbers])
    for name, kind in types.items():
        _refuse_text(name, kind, step.resampling_of(name, kind)["method"], "resampled")
        values = step.resample(name, grouped[name], kind)
        at, number = (values.index.get_level_values(level).to_numpy() for level in (0, 1))
        text = step.feature_type(name, kind) == "string"
        column: Any = np.full(len(steps), None if text else np.nan, object if text else float)
        column[starts[at] + number - begins[at]] = values.to_numpy()
        steps[name] = column
    return steps


def _refuse_text(name: str, kind: str, method: str, done: str) -> None:
    if kind == "string" and method in NUMBERS_ONLY:
        raise StepFailed(
            f"feature '{name}' is text, and cannot be {done} by '{method}'", "take 'mode', 'first' or 'last' for it"
        )
