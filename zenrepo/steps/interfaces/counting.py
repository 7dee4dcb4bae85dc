"""Counts things for a run's report, from wherever Beam runs the code of a step."""

from __future__ import annotations

COUNTERS = "zenrepo.report"
"""The namespace of those of Beam's counters that a run's report shows."""


def count(what: str, number: int = 1) -> None:
    """Add to a figure of the run's report.

    Args:
        what: the name of the figure.
        number: is added to it.
    """
    from apache_beam.metrics import Metrics  # here, because steps are made where Beam is not installed

    Metrics.counter(COUNTERS, what).inc(int(number))
