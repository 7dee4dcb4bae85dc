"""The Beam transform of StandardSequencer: rows by series, then windows.

This module imports numpy, pandas, Arrow and Beam; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import apache_beam as beam
import numpy as np
import pandas as pd
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.steps.sequencer.rows import CATEGORY, TIME, features_of, rows_of, types_of
from zenrepo.steps.sequencer.series import SERIES, even_steps
from zenrepo.steps.times import SECONDS

if TYPE_CHECKING:  # the step imports this module
    from zenrepo.steps.sequencer.standard import StandardSequencer

VALUES = 2_000_000
"""How many values a batch of windows has at most."""

Types = dict[str, str]
ARROW = {"int": pa.int64(), "float": pa.float32(), "string": pa.binary()}


class MakeWindows(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Makes windows of rows.

    Args:
        step: the arguments.
    """

    def __init__(self, step: StandardSequencer) -> None:
        super().__init__()
        self._step = step

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Bring the rows of a series together, and make windows of them."""
        types = batches | beam.Map(types_of) | beam.CombineGlobally(_merge)
        return (
            batches
            | beam.FlatMap(rows_of, self._step)
            | beam.GroupByKey()
            | beam.FlatMap(windows_of, self._step, beam.pvalue.AsSingleton(types))
        )


def _merge(found: Iterable[Types]) -> Types:
    """Join what batches say of the types of columns; whole numbers and others together are floats."""
    types: Types = {}
    for one in found:
        for name, kind in one.items():
            known = types.setdefault(name, kind)
            if known != kind:
                if "string" in (known, kind):
                    raise StepFailed(f"column '{name}' holds numbers in some rows and texts in others")
                types[name] = "float"
    return types


def windows_of(
    part: tuple[int, Iterable[pd.DataFrame]], step: StandardSequencer, types: Types
) -> Iterator[pa.RecordBatch]:
    """Make windows of the series of one part.

    Args:
        part: its number, and tables of its rows.
        step: the arguments.
        types: of all columns.

    Yields:
        Batches of windows.
    """
    found = {name: types[name] for name in features_of(step, sorted(types))}
    if not found:
        raise StepFailed("there is no feature beside timestamp and category", "bring in a column to make sequences of")
    if step.label and f"{step.label}_next" in types:
        raise StepFailed(f"there is a column '{step.label}_next' already", "rename it")
    steps = even_steps(pd.concat(part[1], ignore_index=True), found, step)
    starts = _starts(steps[SERIES].to_numpy(), step)
    columns = {name: _cast(name, steps[name], step.feature_type(name, kind)) for name, kind in found.items()}
    size = max(1, VALUES // (step.length * (len(columns) + 1)))
    for begin in range(0, len(starts), size):
        yield _batch(starts[begin : begin + size], columns, steps, step, types)


def _starts(series: Any, step: StandardSequencer) -> Any:
    """Find the places where windows begin, and count."""
    span = step.length + (step.horizon if step.label else 0)
    firsts = np.flatnonzero(np.append(True, np.diff(series) != 0)) if len(series) else np.array([], np.int64)
    sizes = np.diff(np.append(firsts, len(series)))
    counts = np.maximum(0, (sizes - span) // step.shift + 1)
    step.count("series", len(firsts))
    step.count("steps", len(series))
    if (counts == 0).any():
        step.count("short_series", int((counts == 0).sum()))
    before = np.cumsum(counts) - counts
    nth = np.arange(counts.sum()) - np.repeat(before, counts)
    return np.repeat(firsts, counts) + nth * step.shift


def _cast(name: str, values: pd.Series, kind: str) -> Any:
    """Make an Arrow array of the type that the feature has in all windows."""
    if kind == "string":
        return pa.array([str(value).encode("utf-8", "surrogateescape") for value in values], pa.binary())
    numbers = values.to_numpy(np.float64) if values.dtype == object else values.to_numpy()
    if kind == "int" and numbers.dtype.kind == "f":
        whole = np.rint(numbers)
        if (whole != numbers).any():
            odd = numbers[whole != numbers][0]
            raise StepFailed(f"feature '{name}' holds whole numbers, but became {odd}", "say so in feature_type")
        numbers = whole.astype(np.int64)
    return pa.array(numbers.astype(np.int64 if kind == "int" else np.float32), ARROW[kind])


def _batch(
    starts: Any, columns: dict[str, Any], steps: pd.DataFrame, step: StandardSequencer, types: Types
) -> pa.RecordBatch:
    """Make a batch of the windows that begin at some places."""
    inside = (starts[:, None] + np.arange(step.length)).ravel()
    made = {name: _lists(values.take(pa.array(inside)), step.length) for name, values in columns.items()}
    times = _written(steps[TIME].to_numpy()[inside], types[step.timestamp], step)
    made[step.timestamp] = _lists(times, step.length)
    if step.category:
        names = steps[CATEGORY].to_numpy()[starts]
        kind = types[step.category]
        made[step.category] = _lists(_cast(step.category, pd.Series(names, dtype=object), kind), 1)
    if step.label:
        ahead = (starts[:, None] + step.length + np.arange(step.horizon)).ravel()
        made[f"{step.label}_next"] = _lists(columns[step.label].take(pa.array(ahead)), step.horizon)
    return pa.RecordBatch.from_arrays(list(made.values()), list(made))


def _lists(values: Any, length: int) -> pa.Array:
    offsets = np.arange(0, len(values) + 1, length, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _written(times: Any, kind: str, step: StandardSequencer) -> Any:
    """Write times as their column does: ISO 8601 texts, or whole numbers of the unit."""
    if kind != "string":
        return pa.array(times // round(SECONDS[step.unit] * 10**9), pa.int64())
    moments = times.view("datetime64[ns]")
    exact = bool((times % 10**9).any())
    texts: Any = np.datetime_as_string(moments, unit="ns" if exact else "s", timezone="UTC")
    return pa.array(texts.tolist(), pa.string()).cast(pa.binary())
