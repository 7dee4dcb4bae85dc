"""Turns columns of any of Arrow's types into what a feature can hold: numbers, texts, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.types as is_

from zenrepo.errors import DataError
from zenrepo.steps.data.schema import TYPES

NAMES = {pa.int64(): "int", pa.float64(): "float", pa.string(): "string", pa.binary(): "bytes", pa.null(): "nothing"}
_HINT = "leave it out of the data, or take from it what a feature can hold: numbers, texts, and lists of them"


def plain(batch: pa.RecordBatch, source: str) -> dict[str, pa.Array]:
    """Turn the columns of a batch into plain ones; the fields of a struct become columns with a dot in their names.

    Args:
        batch: of any types.
        source: what the user calls it.

    Returns:
        By name, columns of int64, float64, string, binary or null, or lists of them.

    Raises:
        DataError: naming a column that no feature can hold, or two that would have one name.
    """
    columns: dict[str, pa.Array] = {}
    for name, column in _flat(zip(batch.schema.names, batch.columns, strict=True)):
        if name in columns:
            raise DataError(source, "two columns have this name", column=name, hint="rename one of them")
        target = plain_type(column.type, source, name)
        try:
            columns[name] = column.cast(target)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DataError(source, f"cannot be kept as {kind_of(target)}: {error}", column=name) from error
    return columns


def plain_schema(schema: pa.Schema, source: str) -> dict[str, pa.DataType]:
    """Say of which types the columns of a batch with this schema become, as ``plain`` does it."""
    empty = pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema.names)
    return {name: column.type for name, column in plain(empty, source).items()}


def plain_type(kind: pa.DataType, source: str, name: str) -> pa.DataType:
    """Say what a type becomes.

    Raises:
        DataError: for one that no feature can hold.
    """
    if is_.is_list(kind) or is_.is_large_list(kind) or is_.is_fixed_size_list(kind):
        inner = plain_type(kind.value_type, source, name)
        if not is_.is_list(inner):
            return pa.list_(inner)
    elif (found := _plain_scalar(kind)) is not None:
        return found
    raise DataError(source, f"holds {kind}, which no feature can", column=name, hint=_HINT)


def _plain_scalar(kind: pa.DataType) -> pa.DataType | None:
    tests: list[tuple[Any, pa.DataType]] = [
        (is_.is_null, pa.null()),
        (is_.is_boolean, pa.int64()),
        (is_.is_integer, pa.int64()),
        (is_.is_duration, pa.int64()),
        (is_.is_floating, pa.float64()),
        (is_.is_decimal, pa.float64()),
        (is_.is_temporal, pa.string()),
        (is_.is_string, pa.string()),
        (is_.is_large_string, pa.string()),
        (is_.is_binary, pa.binary()),
        (is_.is_large_binary, pa.binary()),
        (is_.is_fixed_size_binary, pa.binary()),
    ]
    return next((target for test, target in tests if test(kind)), None)


def _flat(columns: Any) -> Iterator[tuple[str, pa.Array]]:
    """Take structs apart and codes of categories back to what they mean."""
    for name, column in columns:
        if is_.is_struct(column.type):
            names = [f"{name}.{column.type[i].name}" for i in range(column.type.num_fields)]
            yield from _flat(zip(names, column.flatten(), strict=True))
        elif is_.is_dictionary(column.type):
            yield name, column.dictionary_decode()
        elif is_.is_floating(column.type) and column.type.bit_width == 16:  # Arrow casts it by way of NumPy alone
            yield name, pa.array(column.to_numpy(zero_copy_only=False).astype("float32"), from_pandas=True)
        else:
            yield name, column


def conform(columns: dict[str, pa.Array], types: dict[str, pa.DataType], source: str, rows: int) -> pa.RecordBatch:
    """Give plain columns the types that they have in all of the data.

    Raises:
        DataError: for a value that is not of its column's type.
    """
    arrays = []
    for name, kind in types.items():
        try:
            there = name in columns and kind != pa.null()
            arrays.append(columns[name].cast(kind) if there else pa.nulls(rows, kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DataError(
                source, f"is no {kind_of(kind)}: {error}", column=name, hint="mend 'schema' or the data"
            ) from error
    return pa.RecordBatch.from_arrays(arrays, list(types))


def kind_of(kind: pa.DataType) -> str:
    """Name a plain type as users know it."""
    return f"list of {kind_of(kind.value_type)}" if is_.is_list(kind) else NAMES[kind]


class TypesSeen:
    """The types of columns so far, while batches are looked at.

    Args:
        given: the types that the user gave; they hold, whatever is seen.
    """

    def __init__(self, given: dict[str, str]) -> None:
        self.types: dict[str, pa.DataType] = {}
        self._given = {name: TYPES[kind]() for name, kind in given.items()}
        self._sources: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def see(self, types: dict[str, pa.DataType], source: str) -> None:
        """Take in the types of a batch.

        Raises:
            DataError: for a column that is of a type here which does not go together with those before.
        """
        lacking = [f"'{name}'" for name in self.types if name not in types]
        if lacking and source not in self._sources.values():
            self._notes[source] = f"{source} has no column {', '.join(lacking)}: its rows lack a value there"
        for name, kind in types.items():
            self._add(name, self._given.get(name, kind), source)

    def _add(self, name: str, kind: pa.DataType, source: str) -> None:
        before = self.types.get(name, pa.null())
        merged = _merge(before, kind)
        if merged is None:
            where = f" in {self._sources[name]}" if self._sources[name] != source else " before"
            raise DataError(
                source,
                f"holds {kind_of(kind)} where it held {kind_of(before)}{where}",
                column=name,
                hint=f"give its type, such as schema={{'{name}': 'string'}}, or mend the data",
            )
        if {before, kind} == {pa.int64(), pa.float64()}:
            self._notes[name] = f"column '{name}' is float: it holds whole numbers and decimals"
        if kind != pa.null() or name not in self.types:
            self._sources[name] = source
        self.types[name] = merged

    def note_dates(self, schema: pa.Schema) -> None:
        """Note what is kept as something else than it was."""
        for field in schema:
            if is_.is_temporal(field.type) and not is_.is_duration(field.type) and field.name not in self._given:
                self._notes[field.name] = f"column '{field.name}' holds {field.type} and is kept as text"
            elif is_.is_decimal(field.type):
                self._notes[field.name] = f"column '{field.name}' holds {field.type} and is kept as float"

    def settled(self) -> dict[str, pa.DataType]:
        """Give the types; a column of nothing but empty lists has no values."""
        return {name: pa.null() if kind == pa.list_(pa.null()) else kind for name, kind in self.types.items()}

    def notes(self) -> list[str]:
        """Say what may surprise."""
        empty = [f"column '{name}' has no values" for name, kind in self.settled().items() if kind == pa.null()]
        return [*self._notes.values(), *empty]


def _merge(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """Find the type that holds the values of two; ``None`` where there is none."""
    if one == other or other == pa.null():
        return one
    if one == pa.null():
        return other
    if is_.is_list(one) and is_.is_list(other):
        inner = _merge(one.value_type, other.value_type)
        return None if inner is None else pa.list_(inner)
    for pair, wider in (({pa.int64(), pa.float64()}, pa.float64()), ({pa.string(), pa.binary()}, pa.binary())):
        if {one, other} == pair:
            return wider
    return None
