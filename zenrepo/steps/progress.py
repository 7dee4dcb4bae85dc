"""How far the step is that this process performs, in a file that whoever follows the run reads.

The file holds one JSON map, the newest, and is replaced a few times a second at the most; outside a run there is none.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

EVERY = 0.2
"""Seconds between two notes of one unit; another unit, a new part of the work, is noted at once."""


class _Notes:
    """Where this process writes how far it is, and how far that was: by unit, when that was noted, and what is done."""

    def __init__(self) -> None:
        self.begin("")

    def begin(self, file: str) -> None:
        self.file, self.is_own = file, False
        self.at: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self.written: tuple[float, float | None, str] | None = None


_notes = _Notes()


def begin(file: str) -> None:
    """Begin to write down how far this process is.

    Args:
        file: to write; empty for none. What stood there is gone.
    """
    _notes.begin(file)
    if file:
        Path(file).unlink(missing_ok=True)


def report(done: float, total: float | None = None, unit: str = "rows") -> None:
    """Say how far the step is; it costs next to nothing, and nothing fails because of it.

    Nobody hears it once the step's own code has said how far it is.

    Args:
        done: how much of its work is done.
        total: how much there is; ``None`` where nobody knows.
        unit: what that counts, in the plural.
    """
    _notes.done[unit] = done
    if not _notes.is_own:
        _write(done, total, unit)


def report_own(done: float, total: float | None = None, unit: str = "rows") -> None:
    """Say how far the step is, in its own words; from now on nothing else is heard of it.

    Args:
        done: as in `report`.
        total: as in `report`.
        unit: as in `report`.
    """
    if not _notes.is_own:
        _notes.is_own, _notes.at = True, {}
    _write(done, total, unit)


def _write(done: float, total: float | None, unit: str) -> None:
    now = time.monotonic()
    said = (done, total, unit)
    if not _notes.file or said == _notes.written or (now - _notes.at.get(unit, -EVERY) < EVERY and done != total):
        return
    _notes.at[unit], _notes.written = now, said
    beside = Path(f"{_notes.file}.{os.getpid()}")
    with suppress(OSError, ArithmeticError, TypeError, ValueError):
        note = {"done": _plain(done), "total": None if total is None else _plain(total), "unit": unit}
        beside.write_text(json.dumps({**note, "time": round(time.time(), 3)}), encoding="utf-8")
        beside.replace(_notes.file)


def _plain(number: float) -> float:
    """Make a number of any library one of Python's; one that is none, or not finite, is an error."""
    value = float(number)
    return int(value) if value == int(value) else round(value, 6)


def advance(done: float, total: float | None = None, unit: str = "rows") -> None:
    """Say that so much more is done; see `report`.

    Args:
        done: since it was said last of this unit.
        total: as in `report`.
        unit: as in `report`.
    """
    report(_notes.done.get(unit, 0) + done, total, unit)
