"""Lengths of time as people write them: ``30 s``, ``10 min``, ``1 h 30 min``, ``30 d``, or a number of seconds."""

from __future__ import annotations

import math
import re
from typing import Final

from zenrepo.errors import UnknownName, UsageError

UNITS: Final = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""The units as they are written, in seconds."""

_NAMES: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
}
_PART: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)", re.ASCII)
_PLAIN: Final = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*\Z", re.ASCII)
LONGEST: Final = 3_650 * UNITS["d"]
"""What is longer than ten years is a mistake, and more than the system's clocks take."""

_HINT: Final = "write it as '30 s', '10 min', '2 h' or '30 d'"


def seconds_of(text: str | float) -> float:
    """Read a length of time.

    Args:
        text: a number and a unit, several such parts, or a number of seconds.

    Returns:
        Seconds, from 0 to ten years.

    Raises:
        UsageError: for anything else.
    """
    seconds = _sum(text) if isinstance(text, str) else float(text)
    if not math.isfinite(seconds) or not 0 <= seconds <= LONGEST:
        raise UsageError(f"'{text}' is no length of time: it takes from nothing to ten years", _HINT)
    return seconds


def refuse_no_duration(text: str | float | None) -> None:
    """Refuse what is no length of time, and one of nothing; ``None``, which says none, is taken.

    Raises:
        UsageError: with how to write one.
    """
    if text is not None and seconds_of(text) == 0:
        raise UsageError("a length of time is needed, but this is nothing", f"leave it out, or {_HINT}")


def duration_text(seconds: float) -> str:
    """Write a length of time in its largest units: ``2 h``, ``1 h 30 min``, ``2.5 s``; ``seconds_of`` reads it."""
    seconds = round(seconds, 3)
    parts = []
    for unit in ("d", "h", "min"):
        count, seconds = divmod(seconds, UNITS[unit])
        if count:
            parts.append(f"{count:.0f} {unit}")
    seconds = round(seconds, 3)
    if seconds or not parts:
        parts.append(f"{seconds:g} s")
    return " ".join(parts)


def _sum(text: str) -> float:
    if _PLAIN.match(text):
        return float(text)
    seconds, at = 0.0, 0
    while part := _PART.match(text, at):
        if part[2].lower() not in _NAMES:
            raise UnknownName("unit of time", part[2], UNITS, _HINT)
        seconds += float(part[1]) * _NAMES[part[2].lower()]
        at = part.end()
    if not at or text[at:].strip():
        raise UsageError(f"'{text}' is no length of time", _HINT)
    return seconds
