"""The types that a user may give the columns of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zenrepo.errors import DataError, StepArgumentError, did_you_mean


def _int() -> Any:
    import pyarrow as pa

    return pa.int64()


def _float() -> Any:
    import pyarrow as pa

    return pa.float64()


def _string() -> Any:
    import pyarrow as pa

    return pa.string()


TYPES: Mapping[str, Callable[[], Any]] = {"int": _int, "float": _float, "string": _string}
"""Arrow's type of each, made when it is needed: Arrow is not installed wherever steps are made."""


def check_schema(step: str, schema: object) -> None:
    """Refuse an argument ``schema`` that does not map columns to types.

    Raises:
        StepArgumentError: naming the column.
    """
    if schema is None:
        return
    if not isinstance(schema, dict):
        raise StepArgumentError(
            step, f"schema is {schema!r}, not a map of columns to types", "such as {'zip': 'string'}"
        )
    for column, kind in schema.items():
        if kind not in TYPES:
            hint = did_you_mean(str(kind), TYPES) or f"the types are {', '.join(TYPES)}"
            raise StepArgumentError(step, f"schema gives column '{column}' the type {kind!r}", hint)


def refuse_unknown(source: str, schema: Iterable[str], columns: Iterable[str]) -> None:
    """Refuse a schema that names a column that the source does not have.

    Raises:
        DataError: naming it, and those near it.
    """
    columns = list(columns)
    for name in schema:
        if name not in columns:
            hint = did_you_mean(name, columns) or f"it has {', '.join(columns)}"
            raise DataError(source, f"has no column '{name}', which 'schema' names", hint=hint)
