"""Reads sources whose values have types already: looks which they are in all of them, and yields batches of those.

This module imports Arrow and Beam; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from zenrepo.errors import DataError
from zenrepo.steps.data.columns import TypesSeen, conform, plain, plain_schema
from zenrepo.steps.data.schema import refuse_unknown

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Table:
    """A source, or a part of one.

    Args:
        name: what the user calls it.
        read: reads it; a worker calls it.
        schema: Arrow's, where it is known without reading everything.
    """

    name: str
    read: Callable[[], Batches]
    schema: pa.Schema | None = None


class ReadTables(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Yields the batches of tables.

    Args:
        tables: the sources.
        types: Arrow's type of each column; one that a table lacks is null in its batches.
    """

    def __init__(self, tables: list[Table], types: dict[str, pa.DataType]) -> None:
        super().__init__()
        self.tables, self.types = tables, types

    def expand(self, root: beam.pvalue.PBegin) -> beam.PCollection:
        """Read each table where a worker takes it."""
        return root | beam.Create(self.tables) | beam.FlatMap(read_table, self.types)


def read_table(table: Table, types: dict[str, pa.DataType]) -> Batches:
    """Read a table as batches of the given types."""
    for batch in table.read():
        yield conform(plain(batch, table.name), types, table.name, batch.num_rows)


def look(tables: list[Table], schema: dict[str, str]) -> tuple[ReadTables, list[str]]:
    """Find out the types of all columns of all tables.

    Args:
        tables: at least one.
        schema: the types that are given.

    Returns:
        What reads the tables, and notes on what may surprise.

    Raises:
        DataError: for a column that no feature can hold, or that is of types which do not go together.
    """
    seen = TypesSeen(schema)
    for table in tables:
        if table.schema is not None:
            seen.see(plain_schema(table.schema, table.name), table.name)
        else:
            for batch in table.read():
                columns = plain(batch, table.name)
                seen.see({name: column.type for name, column in columns.items()}, table.name)
                seen.note_dates(batch.schema)
        if table.schema is not None:
            seen.note_dates(table.schema)
    refuse_unknown(tables[0].name, schema, seen.types)
    if not seen.types:
        raise DataError(tables[0].name, "has no columns", hint="an empty data set cannot be trained on")
    return ReadTables(tables, seen.settled()), seen.notes()


def spool(batches: Batches, folder: Path, name: str) -> list[Table]:
    """Write batches that can be read but once into files, one each, to be read again.

    Args:
        batches: whose columns may be of another type in each.
        folder: where.
        name: what the user calls their source.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    for number, batch in enumerate(batches):
        path = folder / f"{number:08d}.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        tables.append(Table(name, _Spooled(str(path))))
    return tables


@dataclass(frozen=True)
class _Spooled:
    """Reads one file that ``spool`` wrote."""

    path: str

    def __call__(self) -> Batches:
        with pa.memory_map(self.path) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
