"""PandasDataStep: a data frame, from a file or from code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import DataError, StepFailed
from zenrepo.steps.checks import text
from zenrepo.steps.data.files import SourceFile, find, open_stream
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import pandas as pd

    from zenrepo.steps.data.tables import Table

READERS = {
    ".pkl": "read_pickle",
    ".pickle": "read_pickle",
    ".feather": "read_feather",
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".json": "read_json",
    ".xlsx": "read_excel",
}
_ROWS = 1 << 16


class PandasDataStep(TableDataStep):
    """Reads a data frame, which has to fit in memory: a file that pandas reads, or what a subclass makes.

    A subclass overrides ``read_frame``, and may take any arguments. ``NaN``, ``NaT`` and ``None`` are missing values.
    The index is left out.

    Args:
        path: a pickled frame, or a file of Feather, Parquet, CSV, JSON or Excel, by its suffix. Reading a pickle runs
            code: let it be one that you made.
        schema: other types for columns: ``int``, ``float`` or ``string``.
    """

    def __init__(self, *, path: str | None = None, schema: dict[str, str] | None = None) -> None:
        super().__init__()
        if path is not None or type(self).read_frame is PandasDataStep.read_frame:
            text(type(self).__qualname__, "path", path)
        check_schema(type(self).__qualname__, schema)
        self.path, self.schema = path, schema

    def read_frame(self) -> pd.DataFrame:
        """Read the frame; a subclass may do it otherwise.

        Raises:
            DataError: for a file that is not what its suffix says.
        """
        assert self.path is not None
        [file, *more] = find(self, self.path, tuple(READERS))
        if more:
            raise DataError(self.path, "names several files", hint="name one, or override read_frame")
        return _read(file)

    def tables(self) -> list[Table]:
        """Read the frame once, and lay it down for the workers."""
        frame = self.read_frame()
        import pandas as pd

        from zenrepo.steps.data.tables import spool

        name = self.path or f"{type(self).__qualname__}.read_frame"
        if not isinstance(frame, pd.DataFrame):
            raise StepFailed(f"{name} gives {type(frame).__name__}, not a pandas.DataFrame", "return a DataFrame")
        if frame.index.names != [None]:
            left = ", ".join(f"'{index}'" for index in frame.index.names)
            self.facts["notes"] = [*self._notes(), f"the index {left} is left out: reset_index() makes it columns"]
        return spool(iter(_batches(frame, name)), self.scratch(), name)


def _read(file: SourceFile) -> pd.DataFrame:
    import pickle

    import pandas as pd

    if file.suffix not in READERS:
        raise DataError(file.name, f"has a suffix that is none of {', '.join(READERS)}", hint="or override read_frame")
    try:
        with open_stream(file) as stream:
            return getattr(pd, READERS[file.suffix])(stream)
    except (ValueError, OSError, EOFError, ImportError, pickle.UnpicklingError) as error:
        raise DataError(file.name, f"cannot be read: {error}", hint="is it what its suffix says?") from error


def _batches(frame: pd.DataFrame, name: str) -> list[Any]:
    import pyarrow as pa

    frame = frame.rename(columns=str)
    names = list(frame.columns)
    twice = next((column for column in names if names.count(column) > 1), None)
    if twice is not None:
        raise DataError(name, "two columns have this name", column=twice, hint="rename one of them")
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        problem = "; ".join(str(argument) for argument in error.args)
        raise DataError(
            name, f"has a column that cannot be kept: {problem}", hint="let it hold one type: astype"
        ) from error
    return list(table.replace_schema_metadata().to_batches(max_chunksize=_ROWS))
