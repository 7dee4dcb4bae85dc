"""Reads CSV files with Arrow: once to infer the types from all rows, once to yield batches of those types.

This module imports Arrow; only methods of CSVDataStep that run import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import csv

from zenrepo.errors import DataError
from zenrepo.steps.data.csv_check import explain, read_header
from zenrepo.steps.data.csv_cut import Unreadable, cut
from zenrepo.steps.data.csv_infer import Column
from zenrepo.steps.data.dialect import Dialect
from zenrepo.steps.data.files import SourceFile, open_stream
from zenrepo.steps.data.schema import refuse_unknown

PART = 64 << 20
"""Bytes of a file after which another worker may go on."""


@dataclass(frozen=True)
class Part:
    """A stretch of whole rows of a file.

    Args:
        file: which.
        names: the file's columns.
        start: where it begins, in bytes; with 0 comes the header.
        length: its bytes; ``None`` for all of a file, which is the only part of a compressed one.
    """

    file: SourceFile
    names: tuple[str, ...]
    start: int = 0
    length: int | None = None


@dataclass(frozen=True)
class Found:
    """CSV files that were looked through.

    Args:
        parts: of the files.
        dialect: in which they are written.
        types: Arrow's type of each column; one that a file lacks is null in its batches.
        notes: on columns that are not what they nearly are.
    """

    parts: list[Part]
    dialect: Dialect
    types: dict[str, pa.DataType]
    notes: list[str]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches of all parts."""
        for part in self.parts:
            yield from read_part(part, self.dialect, self.types)


def read_part(part: Part, dialect: Dialect, types: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """Parse a part piece by piece.

    Args:
        part: of a file.
        dialect: in which it is written.
        types: Arrow's type of each column.

    Yields:
        Batches of all columns; a missing value is null.

    Raises:
        Unreadable: where the file is no CSV.
    """
    for _, batch in _pieces(part, dialect, types):
        columns = [
            batch.column(part.names.index(name)) if name in part.names else pa.nulls(batch.num_rows, kind)
            for name, kind in types.items()
        ]
        yield pa.RecordBatch.from_arrays(columns, list(types))


def infer(files: list[SourceFile], dialect: Dialect, schema: dict[str, str]) -> Found:
    """Infer the types of all columns from all rows of all files.

    Args:
        files: at least one.
        dialect: in which they are written.
        schema: the types that are given.

    Returns:
        What was found.

    Raises:
        DataError: for a file that is no CSV, with row and column.
    """
    headers = {file: tuple(read_header(file, dialect)) for file in files}
    columns = {name: Column(name, schema.get(name, "")) for names in headers.values() for name in names}
    refuse_unknown(files[0].name, schema, columns)
    parts: list[Part] = []
    for file, names in headers.items():
        parts += _look_through(Part(file, names), dialect, columns)
    notes = [*_lacking(headers, list(columns)), *(c.note(several=len(files) > 1) for c in columns.values())]
    types = {name: column.type for name, column in columns.items()}
    return Found(parts, dialect, types, [note for note in notes if note])


def _look_through(whole: Part, dialect: Dialect, columns: dict[str, Column]) -> list[Part]:
    """Have the columns see every row of a file, and divide it for reading."""
    rows, starts, end = 0, [0], 0
    try:
        for size, batch in _pieces(whole, dialect, dict.fromkeys(whole.names, pa.string())):
            for name, values in zip(whole.names, batch.columns, strict=True):
                columns[name].see(values, whole.file.name, rows)
            rows += batch.num_rows
            end += size
            if end - starts[-1] >= PART:
                starts.append(end)
        if not rows:
            raise Unreadable("no rows")  # noqa: TRY301  (explained below, as all the others are)
    except Unreadable as error:
        explain(whole.file, dialect, list(whole.names))
        raise DataError(whole.file.name, f"cannot be parsed: {error}") from error
    if whole.file.compression:
        return [whole]
    ends = [*starts[1:], end]
    return [Part(whole.file, whole.names, a, b - a) for a, b in zip(starts, ends, strict=True) if b > a]


def _lacking(headers: dict[SourceFile, tuple[str, ...]], columns: list[str]) -> Iterator[str]:
    for file, names in headers.items():
        lacking = [f"'{name}'" for name in columns if name not in names]
        if lacking:
            yield f"{file.name} has no column {', '.join(lacking)}: its rows lack a value there"


def _pieces(part: Part, dialect: Dialect, types: dict[str, pa.DataType]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Parse a part; with each batch comes how many bytes it was."""
    convert = csv.ConvertOptions(
        column_types=types, null_values=list(dialect.missing), strings_can_be_null=True, check_utf8=True
    )
    parse = csv.ParseOptions(
        delimiter=dialect.delimiter, quote_char='"' if dialect.quote else False, newlines_in_values=dialect.quote
    )
    empty = pa.RecordBatch.from_arrays([pa.array([], types[name]) for name in part.names], list(part.names))
    try:
        with open_stream(part.file) as stream:
            if part.start:
                stream.seek(part.start)
            headed = part.start == 0
            for data in cut(stream, dialect.delimiter, dialect.quote, part.length):
                batch = empty
                if data.strip():
                    names = None if headed else list(part.names)
                    read = csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names)
                    table = csv.read_csv(pa.BufferReader(data), read, parse, convert).combine_chunks()
                    batch = next(iter(table.to_batches()), empty)
                    headed = False
                yield len(data), batch
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise Unreadable(str(error)) from error
    except OSError as error:
        raise DataError(
            part.file.name, f"cannot be read: {_said(error)}", hint="is it whole, and not still written?"
        ) from error


def _said(error: OSError) -> Any:
    return error.strerror or str(error)
