"""NumPyDataStep: arrays in .npy and .npz files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from zenrepo.errors import DataError
from zenrepo.steps.checks import texts
from zenrepo.steps.data.files import SourceFile, check_paths, find, open_stream
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import pyarrow as pa

    from zenrepo.steps.data.tables import Table

SUFFIXES = (".npy", ".npz")
_BATCH = 16 << 20
"""Bytes of an array in a batch."""


class NumPyDataStep(TableDataStep):
    """Reads arrays, each row of which is an example.

    An array of rank 1 is a column. One of rank 2 is a column of lists, or, with ``columns``, a column for each of its
    own; one of a higher rank is a column of lists, each row's values in C order. A structured array is a column for
    each field. The arrays of an ``.npz`` file are columns by their names, an ``.npy`` file's is named as the file.

    Args:
        path: a file, a folder or a glob, or a list of them, relative to the repository or addresses.
        columns: names for the columns of an array of rank 2.
        schema: other types for columns: ``int``, ``float`` or ``string``.
    """

    def __init__(
        self, *, path: str | list[str], columns: list[str] | None = None, schema: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        check_paths(type(self).__qualname__, path)
        texts(type(self).__qualname__, "columns", columns or [])
        check_schema(type(self).__qualname__, schema)
        self.path, self.columns, self.schema = path, columns, schema

    def tables(self) -> list[Table]:
        """List the files, and note the shapes that become lists."""
        files = find(self, self.path, SUFFIXES)
        from zenrepo.steps.data.tables import Table

        for file in files:
            for name, array in _load(file, self.columns).items():
                if array.ndim > 2:
                    note = f"column '{name}' holds arrays of shape {array.shape[1:]}, kept as lists in C order"
                    self.facts["notes"] = [*(n for n in self._notes() if n != note), note]
        return [Table(file.name, partial(_read, file, self.columns)) for file in files]


def _read(file: SourceFile, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    arrays = _load(file, columns)
    rows = {name: len(array) for name, array in arrays.items()}
    first = next(iter(rows), "")
    for name, count in rows.items():
        if count != rows[first]:
            raise DataError(file.name, f"has {count} rows where '{first}' has {rows[first]}", column=name)
    size = max((array.nbytes // max(len(array), 1) for array in arrays.values()), default=0)
    step = max(1, min(1 << 16, _BATCH // max(size, 1)))
    for start in range(0, rows.get(first, 0), step):
        batch = {name: _column(array[start : start + step]) for name, array in arrays.items()}
        yield pa.RecordBatch.from_arrays(list(batch.values()), list(batch))


def _load(file: SourceFile, columns: list[str] | None) -> dict[str, Any]:
    """Open a file's arrays by the names of their columns."""
    import numpy as np

    try:
        if not (file.is_remote or file.compression):
            found = np.load(file.path, mmap_mode="r", allow_pickle=False)
        else:
            import io

            with open_stream(file) as stream:
                found = np.load(io.BytesIO(stream.read()), allow_pickle=False)
        arrays = found if hasattr(found, "files") else {PurePosixPath(file.name).name.partition(".")[0]: found}
        return {n: a for name in arrays for n, a in _columns(file.name, name, arrays[name], columns)}
    except (ValueError, OSError, EOFError) as error:
        hint = "save arrays of numbers or texts; objects are refused, because reading them runs code"
        raise DataError(file.name, f"cannot be read: {error}", hint=hint) from error


def _columns(file: str, name: str, array: Any, columns: list[str] | None) -> Iterator[tuple[str, Any]]:
    if array.dtype.names:
        yield from ((field, array[field]) for field in array.dtype.names)
    elif array.ndim == 0:
        raise DataError(file, "is one value, not an array of rows", column=name)
    elif array.dtype.kind not in "biufSUmM":
        raise DataError(file, f"holds {array.dtype}, which no feature can", column=name)
    elif array.ndim == 2 and columns:
        if len(columns) != array.shape[1]:
            raise DataError(
                file, f"has {array.shape[1]} columns, and 'columns' names {len(columns)}", column=name, hint="name each"
            )
        yield from ((column, array[:, i]) for i, column in enumerate(columns))
    else:
        yield name, array


def _column(array: Any) -> pa.Array:
    """Make an Arrow column of rows of any rank."""
    import numpy as np
    import pyarrow as pa

    flat = np.ascontiguousarray(array).reshape(-1)
    if flat.dtype.kind == "f" and flat.dtype.itemsize not in (4, 8):
        flat = flat.astype(np.float32 if flat.dtype.itemsize == 2 else np.float64)
    values = pa.array(flat.astype(flat.dtype.newbyteorder("=")))
    if array.ndim == 1:
        return values
    width = flat.size // max(len(array), 1)
    return pa.ListArray.from_arrays(pa.array(np.arange(len(array) + 1, dtype=np.int32) * width), values)
