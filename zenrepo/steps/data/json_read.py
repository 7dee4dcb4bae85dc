"""Reads JSON with Arrow, piece by piece; where Arrow cannot, finds out which row is in the way.

This module imports Arrow; only methods of JSONDataStep that run import it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from zenrepo.errors import DataError
from zenrepo.steps.data.csv_cut import Unreadable, cut
from zenrepo.steps.data.files import SourceFile, open_stream

_BOM = b"\xef\xbb\xbf"
_HEAD = 1 << 16
_ODD = re.compile(rb"^[ \t\r]*[^{\s]|\}[ \t]*[A-Za-z\[]|[:\[,]\s*-?\d{19}", re.MULTILINE)
"""What Arrow does not see through: rows that are no objects, and whole numbers that may need more than 64 bits."""
_WORDS = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean"}
_CASTS = {"string": str, "int": int, "float": float}


def read_json(file: SourceFile, schema: dict[str, str]) -> Iterator[pa.RecordBatch]:
    """Read a file of JSON lines, or of one array, which is read whole into memory.

    Args:
        file: the file.
        schema: the types that are given: values of these columns need not be of one type.

    Yields:
        Batches of all fields of a piece.

    Raises:
        DataError: for a row that is no JSON object, or a column whose values do not go together.
    """
    rows = 0
    for piece in _pieces(file):
        batch = _parse(piece, file.name, rows, schema)
        rows += piece.count(b"\n")
        if batch is not None:
            yield batch


def _pieces(file: SourceFile) -> Iterator[bytes]:
    """Give whole lines, a few megabytes of them at a time."""
    try:
        with open_stream(file) as stream:
            head = stream.read(_HEAD).removeprefix(_BOM).lstrip()
            if head[:1] == b"[":
                yield _lines_of_array(head + stream.read(), file.name)
                return
        with open_stream(file) as stream:
            for number, piece in enumerate(cut(stream, ",", quote=False)):
                yield piece.removeprefix(_BOM) if number == 0 else piece
    except (OSError, Unreadable) as error:
        raise DataError(file.name, f"cannot be read: {error}", hint="is it whole, and not still written?") from error


def _lines_of_array(data: bytes, name: str) -> bytes:
    try:
        items = json.loads(data)
    except ValueError as error:
        hint = "one array of objects, or an object a line"
        raise DataError(name, f"is no JSON: {error}", hint=hint) from error
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def _parse(piece: bytes, name: str, before: int, schema: dict[str, str]) -> pa.RecordBatch | None:
    if not piece.strip():
        return None
    if not schema and not _ODD.search(piece):
        try:
            return _one_batch(_with_texts(piece))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass  # what is in the way is found below
    return _parse_slowly(piece, name, before, schema)


def _with_texts(piece: bytes) -> pa.Table:
    """Parse with Arrow; what it takes for a time, because it looks like one, stays the text that it is."""
    read = arrow_json.ReadOptions(use_threads=False, block_size=len(piece) + 1)
    table = arrow_json.read_json(pa.BufferReader(piece), read)
    kept = pa.schema([pa.field(field.name, _as_text(field.type)) for field in table.schema])
    if kept.equals(table.schema):
        return table
    return arrow_json.read_json(pa.BufferReader(piece), read, arrow_json.ParseOptions(explicit_schema=kept))


def _as_text(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(kind[i].name, _as_text(kind[i].type)) for i in range(kind.num_fields)])
    if pa.types.is_list(kind):
        return pa.list_(_as_text(kind.value_type))
    return pa.string() if pa.types.is_temporal(kind) else kind


def _one_batch(table: pa.Table) -> pa.RecordBatch | None:
    return next(iter(table.combine_chunks().to_batches()), None)


def _parse_slowly(piece: bytes, name: str, before: int, schema: dict[str, str]) -> pa.RecordBatch | None:
    """Parse row by row, and name the row that is in the way."""
    rows = list(_rows(piece, name, before))
    if not rows:
        return None
    columns: dict[str, list[Any]] = {key: [None] * len(rows) for _, row in rows for key in row}
    for place, (line, row) in enumerate(rows):
        for key, value in row.items():
            columns[key][place] = _cast(value, schema.get(key), name, line, key)
    arrays = [_array(values, rows, name, key) for key, values in columns.items()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


def _rows(piece: bytes, name: str, before: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(piece.split(b"\n"), before + 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            raise DataError(
                name, f"is no JSON: {error}", row=line, hint="one object a line, or one array of them"
            ) from error
        if not isinstance(row, dict):
            what = _WORDS.get(type(row), "nothing")
            raise DataError(name, f"is {what}, not an object", row=line, hint="write {…} with a field for each column")
        yield line, row


def _cast(value: Any, kind: str | None, name: str, line: int, key: str) -> Any:
    if kind is None or value is None:
        return value
    try:
        found = _CASTS[kind](value)
    except (TypeError, ValueError):
        found = None
    if found is None or (kind == "int" and found != float(value)):
        raise DataError(name, f"{value!r} is no {kind}", row=line, column=key, hint="mend it, or the 'schema'")
    return found


def _array(values: list[Any], rows: list[tuple[int, Any]], name: str, key: str) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError) as error:
        place, first, other = _clash(values)
        problem = (
            f"holds {_WORDS.get(type(other), 'nothing')} where it held {_WORDS.get(type(first), 'nothing')} before"
        )
        if type(first) is type(other):
            problem = f"cannot be kept: {error}"
        hint = f"give its type, such as schema={{'{key}': 'string'}}, or mend the data"
        raise DataError(name, problem, row=rows[place][0], column=key, hint=hint) from error


def _clash(values: list[Any]) -> tuple[int, Any, Any]:
    """Find the first value that is of another kind than the first one."""
    first = next(value for value in values if value is not None)
    for place, value in enumerate(values):
        if value is not None and _WORDS.get(type(value)) != _WORDS.get(type(first)):
            return place, first, value
    return next(i for i, value in enumerate(values) if value is not None), first, first
