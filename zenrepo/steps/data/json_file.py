"""JSONDataStep: files of JSON lines, or of one JSON array."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zenrepo.steps.data.files import check_paths, find
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    from zenrepo.steps.data.tables import Table

SUFFIXES = (".json", ".jsonl", ".ndjson")


class JSONDataStep(TableDataStep):
    """Reads files of JSON lines, or of one JSON array, of objects.

    A field becomes a column; a field of an object in it a column with a dot in its name; a list of numbers or texts a
    feature of several values. ``null`` and a field that is not there are missing values. A list of lists or of objects
    is refused.

    Args:
        path: a file, a folder or a glob, or a list of them, relative to the repository or addresses. Compressed files
            end in ``.gz``, ``.bz2`` or ``.zst``.
        schema: the types of columns, ``int``, ``float`` or ``string``; those of the others are the values' own.
    """

    def __init__(self, *, path: str | list[str], schema: dict[str, str] | None = None) -> None:
        super().__init__()
        check_paths(type(self).__qualname__, path)
        check_schema(type(self).__qualname__, schema)
        self.path, self.schema = path, schema

    def tables(self) -> list[Table]:
        """List the files."""
        files = find(self, self.path, SUFFIXES)
        from zenrepo.steps.data.json_read import read_json
        from zenrepo.steps.data.tables import Table

        return [Table(file.name, partial(read_json, file, self.schema or {})) for file in files]
