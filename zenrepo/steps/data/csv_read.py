"""Reads CSV files with Arrow: once to infer the types from all rows, once to yield batches of those types.

This module imports Arrow and Beam; only methods of CSVDataStep that run import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

BLOCK = 8 << 20
WHOLE = r"^[+-]?[0-9]+$"
NUMBER = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^-?([nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$"
PADDED = r"^[+-]?0[0-9]"


class Unreadable(Exception):
    """Arrow could not parse the file; ``csv_check`` says why."""


class ReadCSV(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Yields the batches of a CSV file.

    Args:
        file: its path.
        delimiter: between values.
        types: Arrow's type of each column.
    """

    def __init__(self, file: str, delimiter: str, types: dict[str, pa.DataType]) -> None:
        super().__init__()
        self._file, self._delimiter, self._types = file, delimiter, types

    def expand(self, root: beam.pvalue.PBegin) -> beam.PCollection:
        """Read in one worker: a quoted line end keeps a CSV file from being cut anywhere."""
        return root | beam.Create([self._file]) | beam.FlatMap(open_batches, self._delimiter, self._types)


def open_batches(file: str, delimiter: str, types: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """Parse a file block by block.

    Args:
        file: its path.
        delimiter: between values.
        types: Arrow's type of each column.

    Yields:
        Batches of all columns; an empty value is null.

    Raises:
        Unreadable: where the file is no CSV.
    """
    options = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True, check_utf8=True)
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    read = csv.ReadOptions(block_size=BLOCK, use_threads=False)
    try:
        with csv.open_csv(file, read_options=read, parse_options=parse, convert_options=options) as reader:
            yield from reader
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise Unreadable(str(error)) from error


def infer_types(file: Path, names: list[str], delimiter: str) -> tuple[dict[str, pa.DataType], list[str]]:
    """Infer the type of each column from all rows.

    Args:
        file: the file.
        names: its columns.
        delimiter: between values.

    Returns:
        Arrow's type of each column, and notes on columns that are not what they nearly are.

    Raises:
        Unreadable: where the file is no CSV, or has no rows.
    """
    columns = {name: _Column(name) for name in names}
    rows = 0
    for batch in open_batches(str(file), delimiter, dict.fromkeys(names, pa.string())):
        for name, column in columns.items():
            column.see(batch.column(batch.schema.get_field_index(name)), rows)
        rows += batch.num_rows
    if not rows or _has_open_quote(file):
        raise Unreadable("no rows" if not rows else "a double quote is never closed")
    return {name: column.type for name, column in columns.items()}, [c.note for c in columns.values() if c.note]


def _has_open_quote(file: Path) -> bool:
    """Whether the double quotes of a file are odd in number, which Arrow forgives and RFC 4180 does not."""
    count = 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            count += block.count(b'"')
    return count % 2 == 1


@dataclass
class _Column:
    """What all the values of a column have in common.

    Args:
        name: the column's name.
        values: how many were not missing.
        texts: how many of them are no numbers.
        first: the first of those, with the row that it stands in.
        whole: whether all are whole numbers of 64 bits.
        exact: whether none would lose digits as a number.
    """

    name: str
    values: int = 0
    texts: int = 0
    first: tuple[int, str] = (0, "")
    whole: bool = True
    exact: bool = True

    @property
    def type(self) -> pa.DataType:
        """Arrow's type for the column."""
        if self.texts or not self.exact or not self.values:
            return pa.string()
        return pa.int64() if self.whole else pa.float64()

    @property
    def note(self) -> str:
        """What the user should know, or nothing."""
        if not self.values:
            return f"column '{self.name}' has no values"
        if self.texts and self.texts * 2 < self.values:
            row, text = self.first
            verb = "are no numbers" if self.texts > 1 else "is no number"
            what = f"{self.texts} of {self.values} values {verb}, first {text!r} in row {row}"
            return f"column '{self.name}' is string: {what}"
        return ""

    def see(self, values: pa.Array, rows: int) -> None:
        """Take in a block of values, before which there were so many rows."""
        self.values += len(values) - values.null_count
        if self.values == 0:
            return
        if not _casts(values, pa.float64()):
            self._see_texts(values, rows)
        elif not self.texts:
            self.exact &= not _any(pc.match_substring_regex(values, PADDED))
            if self.whole and not _casts(values, pa.int64()):
                self.whole = False
                self.exact &= not _any(_overlong(values))

    def _see_texts(self, values: pa.Array, rows: int) -> None:
        present = values.is_valid()
        text = pc.and_(present, pc.invert(pc.fill_null(pc.match_substring_regex(values, NUMBER), True)))
        found = pc.indices_nonzero(text)
        if not self.texts:
            first = found[0].as_py() if len(found) else 0
            self.first = (rows + first + 2, str(values[first].as_py()))
        self.texts += max(len(found), 1)


def _casts(values: pa.Array, kind: pa.DataType) -> bool:
    try:
        values.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _overlong(values: pa.Array) -> pa.Array:
    """Which values are whole numbers that 64 bits cannot hold."""
    whole = values.filter(pc.fill_null(pc.match_substring_regex(values, WHOLE), False))
    return pa.array([not -(1 << 63) <= int(v) < 1 << 63 for v in whole.to_pylist()], pa.bool_())


def _any(flags: pa.Array) -> Any:
    return pc.any(flags).as_py() or False
