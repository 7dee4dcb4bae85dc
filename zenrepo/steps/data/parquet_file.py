"""ParquetDataStep: files of Parquet, Arrow or Feather."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from zenrepo.errors import DataError
from zenrepo.steps.data.files import SourceFile, check_paths, find, open_stream
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import pyarrow as pa

    from zenrepo.steps.data.tables import Table

SUFFIXES = (".parquet", ".pq", ".arrow", ".feather", ".ipc")
_PART = 1_000_000
"""Rows of a Parquet file after which another worker may go on."""


class ParquetDataStep(TableDataStep):
    """Reads files of Parquet, Arrow or Feather, as their suffixes say.

    Args:
        path: a file, a folder or a glob, or a list of them, relative to the repository or addresses.
        schema: other types for columns: ``int``, ``float`` or ``string``.
    """

    def __init__(self, *, path: str | list[str], schema: dict[str, str] | None = None) -> None:
        super().__init__()
        check_paths(type(self).__qualname__, path)
        check_schema(type(self).__qualname__, schema)
        self.path, self.schema = path, schema

    def tables(self) -> list[Table]:
        """List the files, the large ones in parts."""
        return [table for file in find(self, self.path, SUFFIXES) for table in _tables(file)]


def _tables(file: SourceFile) -> list[Table]:
    import pyarrow as pa
    from pyarrow import parquet

    from zenrepo.steps.data.tables import Table

    try:
        if file.suffix not in (".arrow", ".feather", ".ipc"):
            with open_stream(file) as stream:
                found = parquet.ParquetFile(_seekable(file, stream))
                groups = _parts([found.metadata.row_group(i).num_rows for i in range(found.num_row_groups)])
                return [Table(file.name, partial(_read_parquet, file, part), found.schema_arrow) for part in groups]
        with open_stream(file) as stream:
            schema = _open_arrow(stream.read()).schema
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(file.name, f"is not what its suffix says: {error}", hint="is it whole?") from error
    return [Table(file.name, partial(_read_arrow, file), schema)]


def _seekable(file: SourceFile, stream: Any) -> Any:
    """Give what Parquet, whose description stands at the end, can be read from."""
    import pyarrow as pa

    return pa.BufferReader(stream.read()) if file.compression else stream


def _parts(rows: list[int]) -> list[list[int]]:
    """Put row groups together into parts of a good size; one part where there is none."""
    parts: list[list[int]] = [[]]
    size = 0
    for group, count in enumerate(rows):
        if size >= _PART:
            parts.append([])
            size = 0
        parts[-1].append(group)
        size += count
    return parts


def _read_parquet(file: SourceFile, groups: list[int]) -> Iterator[pa.RecordBatch]:
    from pyarrow import parquet

    with open_stream(file) as stream:
        found = parquet.ParquetFile(_seekable(file, stream))
        yield from found.iter_batches(batch_size=1 << 16, row_groups=groups, use_threads=False)


def _read_arrow(file: SourceFile) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    if file.is_remote or file.compression:
        with open_stream(file) as stream:
            yield from _batches(_open_arrow(stream.read()))
        return
    with pa.memory_map(file.path) as mapped:
        yield from _batches(_open_arrow(mapped))


def _open_arrow(source: Any) -> Any:
    """Open Arrow's file format, which Feather is, or else its stream format."""
    import pyarrow as pa

    try:
        return pa.ipc.open_file(source)
    except pa.ArrowInvalid:
        if hasattr(source, "seek"):
            source.seek(0)
        return pa.ipc.open_stream(source)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if hasattr(reader, "num_record_batches"):
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
    else:
        yield from reader
