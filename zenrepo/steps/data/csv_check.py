"""Finds out what is wrong with a CSV file, and in which row. Slow and exact, with the standard library alone."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator

from zenrepo.errors import DataError
from zenrepo.steps.data.dialect import Dialect
from zenrepo.steps.data.files import SourceFile, lines, open_stream


def read_header(file: SourceFile, dialect: Dialect) -> list[str]:
    """Read and check the first row.

    Args:
        file: the file.
        dialect: in which it is written.

    Returns:
        The names of the columns.

    Raises:
        DataError: if there is none, or its names cannot serve as names.
    """
    name = file.name
    header = next(_rows(file, dialect), (0, []))[1]
    if not header:
        with open_stream(file) as stream:
            problem = "is empty but for line ends" if stream.read(1) else "is empty"
        raise DataError(name, problem, hint="a CSV file begins with a row of column names")
    for position, column in enumerate(header, 1):
        if not column.strip():
            raise DataError(name, f"column {position} has no name", row=1, hint="give each column a name")
        if column in header[: position - 1]:
            raise DataError(
                name,
                f"columns {header.index(column) + 1} and {position} have the same name",
                row=1,
                column=column,
                hint="rename one of them",
            )
    return header


def explain(file: SourceFile, dialect: Dialect, names: list[str]) -> None:
    """Read a file row by row, and raise what is wrong with it.

    Args:
        file: the file.
        dialect: in which it is written.
        names: its columns.

    Raises:
        DataError: for the first row that is not as it should be. Nothing is raised where none is found.
    """
    if dialect.quote:
        _refuse_stray_quote(file, dialect.delimiter)
    name = file.name
    rows = _rows(file, dialect)
    next(rows)
    empty = True
    for line, row in rows:
        empty = False
        if row and len(row) != len(names):
            raise DataError(
                name,
                f"has {len(row)} values where the header has {len(names)} columns",
                row=line,
                hint=_ragged_hint(row, names, dialect.delimiter),
            )
    if empty:
        raise DataError(name, "has a header and no rows", hint="an empty data set cannot be trained on")


def _ragged_hint(row: list[str], names: list[str], delimiter: str) -> str:
    if len(row) < len(names):
        return f"no value for column '{names[len(row)]}'; leave a missing value empty between delimiters"
    return f"write a value that holds '{delimiter}' between double quotes"


def _refuse_stray_quote(file: SourceFile, delimiter: str) -> None:
    """Refuse a double quote in the middle of a value that does not begin with one."""
    inside = False
    for number, line in enumerate(_lines(file), 1):
        before = ""
        for found in re.finditer(r'"|[^"]+', line):
            text = found.group()
            if text != '"':
                before = text[-1]
                continue
            if not inside and before not in ("", delimiter, '"'):
                hint = "put the value between double quotes and the quote twice, or give quote='' if it is plain text"
                problem = "a double quote stands inside a value that has none around it"
                raise DataError(file.name, problem, row=number, hint=hint)
            inside, before = not inside, '"'


def _rows(file: SourceFile, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the line that it starts on."""
    reader = csv.reader(
        _lines(file),
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        strict=True,
    )
    csv.field_size_limit(1 << 30)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = "a double quote is opened and never closed" if "end of data" in str(error) else str(error)
            hint = "inside a quoted value, write a double quote twice"
            raise DataError(file.name, problem, row=line, hint=hint) from error
        if row:
            yield line, row


def _lines(file: SourceFile) -> Iterator[str]:
    """Decode line by line, so that a byte that is not UTF-8 is found where it stands."""
    with open_stream(file) as stream:
        for number, raw in enumerate(lines(stream), 1):
            data = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            try:
                yield data.decode("utf-8")
            except UnicodeDecodeError as error:
                at = error.start + 1
                raise DataError(
                    file.name,
                    f"is not UTF-8: byte {at} of the row is 0x{data[error.start]:02x}",
                    row=number,
                    hint="convert it, as with 'iconv -f latin1 -t utf-8'",
                ) from error
