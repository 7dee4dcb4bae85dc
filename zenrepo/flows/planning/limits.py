"""From the limits that a pipeline file says to those of a plan."""

from __future__ import annotations

from zenrepo.durations import seconds_of
from zenrepo.pipeline_files.file import StepEntry
from zenrepo.pipeline_files.limits import full
from zenrepo.runs.plan import Limits


def limits_of(entry: StepEntry) -> Limits:
    """Give how long a step may take, and how often it is tried again.

    Args:
        entry: the step, as a pipeline file names it.
    """
    retries = full(entry.retries)
    return Limits(seconds_of(entry.timeout or 0), retries.times, seconds_of(retries.wait), seconds_of(retries.most))
