"""Infers the types of a CSV file's columns from the text of all their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zenrepo.errors import DataError
from zenrepo.steps.data.schema import TYPES

WHOLE = r"^[+-]?[0-9]+$"
NUMBER = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^-?([nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$"
_MAY_BEGIN = np.isin(np.arange(256), np.frombuffer(b"0123456789-.nNiI", np.uint8))
"""The bytes that a number may begin with."""


@dataclass
class Column:
    """What all the values of a column have in common.

    Args:
        name: the column's name.
        given: the type that the user gave it: int, float or string; empty where it is to be inferred.
        values: how many were not missing.
        texts: how many of them are no numbers.
        first: the first of those, with the file and row that it stands in.
        whole: whether all are whole numbers of 64 bits.
        exact: whether none would lose digits as a number.
    """

    name: str
    given: str = ""
    values: int = 0
    texts: int = 0
    first: tuple[str, int, str] = ("", 0, "")
    whole: bool = True
    exact: bool = True

    @property
    def type(self) -> pa.DataType:
        """Arrow's type for the column."""
        if self.given:
            return TYPES[self.given]()
        if self.texts or not self.exact or not self.values:
            return pa.string()
        return pa.int64() if self.whole else pa.float64()

    def note(self, several: bool) -> str:
        """Say what the user should know, or nothing.

        Args:
            several: whether there are several files, so that one must be named.
        """
        if not self.values:
            return f"column '{self.name}' has no values"
        if not self.given and self.texts and self.texts * 2 < self.values:
            file, row, text = self.first
            verb = "are no numbers" if self.texts > 1 else "is no number"
            where = f"row {row} of {file}" if several else f"row {row}"
            what = f"{self.texts} of {self.values} values {verb}, first {text!r} in {where}"
            return f"column '{self.name}' is string: {what}"
        return ""

    def see(self, values: pa.Array, file: str, rows: int) -> None:
        """Take in a block of values, before which the file had so many rows.

        Raises:
            DataError: for a value that is not of the type that was given.
        """
        self.values += len(values) - values.null_count
        if len(values) == values.null_count:
            return
        if self.given:
            self._hold_to(values, file, rows)
        elif self.whole and not self.texts and _casts(values, pa.int64()):
            self.exact &= not _has_padded(values)
        elif self.texts or not _casts(values, pa.float64()):
            self.whole = False
            self._see_texts(values, file, rows)
        else:
            self.whole = False
            self.exact &= not _has_padded(values) and not _has_overlong(values)

    def _hold_to(self, values: pa.Array, file: str, rows: int) -> None:
        if self.given == "string" or _casts(values, self.type):
            return
        for place, value in enumerate(values.to_pylist()):
            if value is not None and not _casts(pa.array([value]), self.type):
                hint = "mend it, name it in 'missing', or give the column another type in 'schema'"
                raise DataError(
                    file, f"{value!r} is no {self.given}", row=rows + place + 2, column=self.name, hint=hint
                )

    def _see_texts(self, values: pa.Array, file: str, rows: int) -> None:
        starts, lengths, data = _bytes_of(values)
        present = np.asarray(values.is_valid())
        like = present & (lengths > 0)
        like[like] = _MAY_BEGIN[data[starts[like]]]
        text = present & ~like
        if like.any():
            candidates = np.flatnonzero(like)
            numbers = pc.match_substring_regex(values.take(pa.array(candidates)), NUMBER)
            text[candidates] = ~np.asarray(numbers)
        found = np.flatnonzero(text)
        if not self.texts:
            first = int(found[0]) if len(found) else 0
            self.first = (file, rows + first + 2, str(values[first].as_py()))
        self.texts += max(len(found), 0 if self.texts else 1)


def _casts(values: pa.Array, kind: pa.DataType) -> bool:
    try:
        values.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _bytes_of(values: pa.Array) -> tuple[Any, Any, Any]:
    """Give, of an array of strings, where each value begins, how long it is, and the bytes that hold them all."""
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    return ends[:-1], np.diff(ends), np.frombuffer(data or b"", np.uint8)


def _has_padded(values: pa.Array) -> bool:
    """Whether a number has leading zeros, as 007 has."""
    starts, lengths, data = _bytes_of(values)
    starts, lengths = starts[lengths > 1], lengths[lengths > 1]
    signed = np.isin(data[starts], (ord("+"), ord("-")))
    starts, lengths = starts + signed, lengths - signed
    starts = starts[lengths > 1]
    second = data[starts + 1]
    return bool(((data[starts] == ord("0")) & (second >= ord("0")) & (second <= ord("9"))).any())


def _has_overlong(values: pa.Array) -> bool:
    """Whether a value is a whole number that 64 bits cannot hold."""
    values = values.filter(pc.greater(pc.binary_length(values), 18))
    whole = values.filter(pc.fill_null(pc.match_substring_regex(values, WHOLE), False))
    return any(not -(1 << 63) <= int(value) < 1 << 63 for value in whole.to_pylist())
