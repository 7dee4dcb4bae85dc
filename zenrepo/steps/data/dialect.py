"""How the files of a CSVDataStep are written."""

from __future__ import annotations

from typing import NamedTuple


class Dialect(NamedTuple):
    """How CSV files are written.

    Args:
        delimiter: the one ASCII character between values.
        quote: whether double quotes may stand around values.
        missing: the texts that mean that a value is missing.
    """

    delimiter: str = ","
    quote: bool = True
    missing: tuple[str, ...] = ("",)
