"""Numbers the steps of a time line: from a moment to the number of the step that it is in, and back.

This module imports numpy; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zenrepo.steps.times import Length

Times = Any
"""An array of nanoseconds since 1970."""

DAY = 86_400 * 10**9
MONDAY = 3
"""1970 began on a Thursday, three days behind a Monday."""


def steps_of(times: Times, length: Length) -> Any:
    """Number the steps that moments are in.

    Args:
        times: nanoseconds since 1970 in UTC.
        length: of a step.

    Returns:
        Whole numbers; steps that follow each other have numbers that do.
    """
    if length.unit == "M":
        return times.view("datetime64[ns]").astype("datetime64[M]").astype(np.int64) // length.number
    if length.unit == "W":
        return (times + MONDAY * DAY) // (7 * DAY * length.number)
    return times // length.nanoseconds


def times_of(steps: Any, length: Length) -> Times:
    """Say when steps begin.

    Args:
        steps: their numbers.
        length: of a step.

    Returns:
        Nanoseconds since 1970 in UTC.
    """
    if length.unit == "M":
        months = (steps * length.number).astype("datetime64[M]")
        return months.astype("datetime64[ns]").astype(np.int64)
    if length.unit == "W":
        return steps * (7 * DAY * length.number) - MONDAY * DAY
    return steps * length.nanoseconds
