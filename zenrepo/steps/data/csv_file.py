"""CSVDataStep: a CSV file, or one with another delimiter.

Arrow and Beam are imported in the functions that run: this module is also imported where neither is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenrepo.errors import DataError, StepArgumentError
from zenrepo.steps.checks import text
from zenrepo.steps.data.csv_check import explain, read_header
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam


class CSVDataStep(DataStep):
    """Reads a CSV file as RFC 4180 describes it, with a header.

    An empty value is a missing one. Types are inferred from all rows: a column is ``int`` if every value in it is a
    whole number of at most 64 bits without leading zeros, ``float`` if every value is a number, else ``string``.
    ``nan`` and ``inf`` are numbers. A column with numbers of leading zeros, or with whole numbers of more than 64 bits,
    is ``string``: it would lose digits otherwise. When fewer than half of a column's values keep it from being
    numeric, the run's report says which.

    Args:
        path: the file, relative to the repository.
        delimiter: the one character between values.
    """

    def __init__(self, *, path: str, delimiter: str = ",") -> None:
        super().__init__(path=path, delimiter=delimiter)
        name = type(self).__qualname__
        text(name, "path", path)
        text(name, "delimiter", delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
            raise StepArgumentError(name, f"delimiter {delimiter!r} is not one ASCII character that can part values")
        self.path = path
        self.delimiter = delimiter

    def read_from_source(self) -> beam.PTransform:
        """Check the file whole, infer its types, and read it.

        Raises:
            DataError: if the file is no CSV, saying which row and column make it none.
        """
        file = self._found()
        names = read_header(file, self.path, self.delimiter)
        from zenrepo.steps.data.csv_read import ReadCSV  # after what needs none of it

        types, notes = self._infer(file, names)
        if notes:
            self.facts["notes"] = list(notes)
        return ReadCSV(str(file), self.delimiter, types)

    def _found(self) -> Path:
        """Find the file, or say why it cannot be read."""
        file = Path(self.input_path(self.path))
        if file.is_dir():
            raise DataError(self.path, "is a folder", hint="name one file in it")
        if not file.exists():
            raise DataError(self.path, "no such file", hint=f"add it to the repository; looked for {file}")
        if not os.access(file, os.R_OK):
            raise DataError(self.path, "cannot be read", hint="see its permissions")
        return file

    def _infer(self, file: Path, names: list[str]) -> tuple[dict[str, Any], list[str]]:
        """Infer the types from all rows; where Arrow cannot parse one, say which."""
        from zenrepo.steps.data.csv_read import Unreadable, infer_types

        try:
            return infer_types(file, names, self.delimiter)
        except Unreadable as error:
            explain(file, self.path, self.delimiter, names)
            raise DataError(self.path, f"cannot be parsed: {error}") from error
