"""Reads the rows of a query with SQLAlchemy.

This module imports Arrow and SQLAlchemy; only methods of SQLDataStep that run import it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from zenrepo.errors import DataError, StepFailed

_NAME = "the query"
_CASTS = {"string": str, "int": int, "float": float}


def rows_of(
    url: str, query: str, chunk: int, schema: dict[str, str], secrets: dict[str, str]
) -> Iterator[pa.RecordBatch]:
    """Run a query.

    Args:
        url: of the database, with everything filled in.
        query: in SQL.
        chunk: rows in a batch.
        schema: the types that are given.
        secrets: what no message may show, with what it shows in its place.

    Yields:
        Batches of its rows.

    Raises:
        DataError: for what the database refuses, and for a column whose values do not go together.
        StepFailed: where the database's driver is not installed.
    """
    try:
        engine = sqlalchemy.create_engine(url)
    except ModuleNotFoundError as error:
        cure = "pip install 'zenrepo[sql]'" if error.name == "psycopg" else f"pip install {error.name}"
        raise StepFailed(f"the database's driver '{error.name}' is not installed here", cure) from error
    except SQLAlchemyError as error:
        raise DataError(_NAME, _without(f"'url' cannot be used: {error}", secrets)) from None
    try:
        with engine.connect().execution_options(stream_results=True, max_row_buffer=chunk) as connection:
            result = connection.execute(sqlalchemy.text(query.replace(":", "\\:")))
            names = list(result.keys())
            _refuse_twice(names)
            for rows in result.partitions(chunk):
                yield _batch(names, rows, schema)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip()
        raise DataError(_NAME, _without(f"the database says: {cause}", secrets)) from None
    finally:
        engine.dispose()


def _without(text: str, secrets: dict[str, str]) -> str:
    for secret, shown in secrets.items():
        text = text.replace(secret, shown) if secret else text
    return text


def _refuse_twice(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(_NAME, "gives two columns of this name", column=twice, hint="name one otherwise: … AS …")


def _batch(names: list[str], rows: Sequence[Any], schema: dict[str, str]) -> pa.RecordBatch:
    arrays = []
    for place, name in enumerate(names):
        values = [_plain(row[place]) for row in rows]
        try:
            kind = schema.get(name)
            cast = _CASTS[kind] if kind else None
            arrays.append(pa.array([cast(v) if cast and v is not None else v for v in values]))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, ValueError, TypeError) as error:
            hint = f"give its type, such as schema={{'{name}': 'string'}}, or CAST it in the query"
            raise DataError(_NAME, f"has values that do not go together: {error}", column=name, hint=hint) from error
    return pa.RecordBatch.from_arrays(arrays, names)


def _plain(value: Any) -> Any:
    """Turn what drivers give into what Arrow takes."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else value
