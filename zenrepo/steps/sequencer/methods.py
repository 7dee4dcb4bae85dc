"""The methods by which StandardSequencer resamples and fills.

This module imports pandas; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.core.groupby import SeriesGroupBy


def resample(values: SeriesGroupBy, how: dict[str, Any]) -> pd.Series:
    """Make one value of each group.

    Args:
        values: grouped by series and step.
        how: ``method``, and what it needs.

    Returns:
        A value for each group that has one.
    """
    method = how["method"]
    if method == "mode":
        return _mode(values)
    if method == "threshold":
        mean = values.mean()
        return (mean >= how["cut"]).astype(float).where(mean.notna())
    if method == "sum":
        return values.sum(min_count=1)
    return getattr(values, method)()


def _mode(values: SeriesGroupBy) -> pd.Series:
    """The most frequent value of each group; of several, the smallest."""
    counts = values.value_counts(sort=False)
    found = pd.DataFrame({level: counts.index.get_level_values(level) for level in range(3)})
    found["count"] = counts.to_numpy()
    found = found.sort_values([0, 1, "count", 2], ascending=[True, True, False, True]).drop_duplicates([0, 1])
    return pd.Series(found[2].to_numpy(), index=pd.MultiIndex.from_arrays([found[0], found[1]]))


def fill(values: pd.Series, series: pd.Series, how: dict[str, Any]) -> pd.Series:
    """Give a value to what has none.

    Args:
        values: of many series, one behind the other.
        series: the number of the series of each value.
        how: ``method``, and what it needs.

    Returns:
        As many values.
    """
    method = how["method"]
    if method == "constant":
        return values.where(values.notna(), how["value"])
    if method == "linear":
        return values.groupby(series, group_keys=False).apply(_interpolate)
    if method in ("forward", "backward"):
        first, then = ("ffill", "bfill") if method == "forward" else ("bfill", "ffill")
        return getattr(getattr(values.groupby(series), first)().groupby(series), then)()
    return values.where(values.notna(), values.groupby(series).transform(method))


def _interpolate(values: pd.Series) -> pd.Series:
    there = values.notna().to_numpy()
    if there.all() or not there.any():
        return values
    places = np.arange(len(values))
    return pd.Series(np.interp(places, places[there], values.to_numpy(float)[there]), index=values.index)
