"""CSVDataStep: CSV files, or ones with another delimiter.

Arrow and Beam are imported in the functions that run: this module is also imported where neither is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import texts
from zenrepo.steps.data.dialect import Dialect
from zenrepo.steps.data.files import SourceFile, check_paths, find
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    from collections.abc import Iterator

    import apache_beam as beam
    import pyarrow as pa

    from zenrepo.steps.data.csv_read import Found

SUFFIXES = (".csv", ".tsv", ".txt")


class CSVDataStep(DataStep):
    """Reads CSV files as RFC 4180 describes them, with a header.

    An empty value is a missing one. Types are inferred from all rows of all files: a column is ``int`` if every value
    in it is a whole number of at most 64 bits without leading zeros, ``float`` if every value is a number, else
    ``string``. ``nan`` and ``inf`` are numbers. A column with numbers of leading zeros, or with whole numbers of more
    than 64 bits, is ``string``: it would lose digits otherwise. When fewer than half of a column's values keep it from
    being numeric, the run's report says which.

    Args:
        path: a file, a folder or a glob, or a list of them, relative to the repository or addresses. Compressed files
            end in ``.gz``, ``.bz2`` or ``.zst``.
        delimiter: the one character between values; by default a tab for ``.tsv`` files, else a comma.
        quote: the sign around values that hold a delimiter or a line end: a double quote, or nothing where double
            quotes are plain text.
        missing: texts that mean, as an empty one does, that a value is missing, such as ``NA``.
        schema: the types of columns, ``int``, ``float`` or ``string``; those of the others are inferred.
    """

    def __init__(
        self,
        *,
        path: str | list[str],
        delimiter: str | None = None,
        quote: str = '"',
        missing: list[str] | None = None,
        schema: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        check_paths(name, path)
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii()):
            raise StepArgumentError(name, f"delimiter {delimiter!r} is not one ASCII character that can part values")
        if quote not in ('"', ""):
            raise StepArgumentError(name, f"quote is {quote!r}, not a double quote", "or nothing: quote=''")
        texts(name, "missing", missing or [])
        check_schema(name, schema)
        self.path, self.delimiter, self.quote, self.missing, self.schema = path, delimiter, quote, missing, schema

    def read_from_source(self) -> beam.PTransform:
        """Check the files whole, infer their types, and read them.

        Raises:
            DataError: if a file is no CSV, saying which row and column make it none.
        """
        found = self._found()
        from zenrepo.steps.data.csv_beam import ReadCSV  # after what needs none of it

        return ReadCSV(found)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the files as ``read_from_source`` does, without Beam."""
        return self._found().batches()

    def _found(self) -> Found:
        files = find(self, self.path, SUFFIXES)
        from zenrepo.steps.data.csv_read import infer  # after what needs none of it

        found = infer(files, self._dialect(files), self.schema or {})
        if found.notes:
            self.facts["notes"] = list[Any](found.notes)
        return found

    def _dialect(self, files: list[SourceFile]) -> Dialect:
        delimiter = self.delimiter or ("\t" if files[0].suffix == ".tsv" else ",")
        return Dialect(delimiter, bool(self.quote), ("", *(self.missing or [])))
