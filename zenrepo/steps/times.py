"""Times and lengths of time as users write them: ISO 8601, and pandas' aliases such as ``15min``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

ISO = r"^\d{4}-\d{2}(-\d{2}([T ]\d{2}(:\d{2}(:\d{2}([.,]\d+)?)?)?[ ]?(Z|[+-]\d{2}(:?\d{2})?)?)?)?$"
"""Times as ISO 8601 writes them: ``2026-01``, ``2026-01-31``, ``2026-01-31T12:00:00.5+01:00``; for RE2 and Python."""

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "D": 86400}
"""The lengths of units, in seconds."""

ALIASES = {
    **{unit: (unit, 1) for unit in SECONDS},
    "N": ("ns", 1),
    "U": ("us", 1),
    "L": ("ms", 1),
    "S": ("s", 1),
    "T": ("min", 1),
    "H": ("h", 1),
    "d": ("D", 1),
    "W": ("W", 1),
    "w": ("W", 1),
    **dict.fromkeys(("M", "MS", "ME"), ("M", 1)),
    **dict.fromkeys(("Q", "QS", "QE"), ("M", 3)),
    **dict.fromkeys(("Y", "YS", "YE", "A", "AS"), ("M", 12)),
}
"""pandas' aliases, those of old releases too: the unit that we count in, and how many of it."""

UNITS = ("s", "ms", "us", "ns", "min", "h", "D")
"""The units that a column of numbers may count time in."""


@dataclass(frozen=True)
class Length:
    """A length of time.

    Args:
        number: how many units.
        unit: ``ns`` to ``D``, ``W`` for weeks that begin on Mondays, or ``M`` for months.
        text: as the user wrote it.
    """

    number: int
    unit: str
    text: str

    @property
    def nanoseconds(self) -> int:
        """The length; of a month, 30 days."""
        days = {"W": 7, "M": 30}.get(self.unit)
        seconds = days * 86400 if days else SECONDS[self.unit]
        return round(self.number * seconds * 10**9)


def length_of(text: object) -> Length | None:
    """Read a length of time.

    Args:
        text: such as ``1D``, ``15min``, ``h`` or ``2W``.

    Returns:
        The length; ``None`` if the text is none.
    """
    found = re.fullmatch(r"\s*(\d*)\s*([A-Za-z]+)\s*", text) if isinstance(text, str) else None
    if not found or found[2] not in ALIASES or found[1].strip("0") == "" != found[1]:
        return None
    unit, each = ALIASES[found[2]]
    return Length(int(found[1] or 1) * each, unit, str(text))


def parse(text: str) -> datetime | None:
    """Read an ISO 8601 time; one without an offset is UTC.

    Returns:
        The moment; ``None`` if the text is none.
    """
    if not re.match(ISO, text):
        return None
    date, rest = text[:10], text[11:].replace(",", ".").replace(" ", "").replace("Z", "+00:00")
    clock, sign, offset = re.fullmatch(r"([\d:.]*)([+-]?)([\d:]*)", rest).groups()  # type: ignore[union-attr] # as ISO
    hours, minutes, seconds = [*(clock or "0").split(":"), "0", "0"][:3]
    year, month, day = [*date.split("-"), "1"][:3]
    away = timedelta(hours=int(offset[:2] or 0), minutes=int(offset[2:].lstrip(":") or 0))
    try:
        moment = datetime(int(year), int(month), int(day), int(hours), int(minutes), tzinfo=timezone.utc)
        moment += timedelta(seconds=float(seconds))
        return moment + away if sign == "-" else moment - away
    except (ValueError, OverflowError):
        return None
