"""Seconds of a step."""

from __future__ import annotations


class Stopwatch:
    """Seconds spent inside Beam pipelines."""

    seconds = 0.0
