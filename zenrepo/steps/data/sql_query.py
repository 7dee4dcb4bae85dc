"""SQLDataStep: the rows that a query gives, from any database that SQLAlchemy speaks to."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from zenrepo.errors import DataError, StepArgumentError
from zenrepo.steps.checks import positive_whole, text
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep, need

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    from zenrepo.steps.data.tables import Table

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_WHOLE_PASSWORD = re.compile(r"(?<=:)\$\{(\w+)\}(?=@)")
"""A password alone may hold any signs, and is escaped; what else a variable holds is part of the URL as it is."""
_PASSWORD = re.compile(r"(?://[^/@:]*:(?P<password>[^/]*)@)|[?&]password=(?P<asked>[^&]*)")
_SQLITE = "sqlite:///"


class SQLDataStep(TableDataStep):
    """Reads the rows of a query, once, from a database that SQLAlchemy speaks to. Needs ``zenrepo[sql]``.

    Args:
        url: of the database, as SQLAlchemy writes it: ``postgresql+psycopg://…``, or ``sqlite:///data/tea.db`` for a
            file, relative to the repository. ``${NAME}`` stands for an environment variable, which is looked up when
            the step runs and is recorded nowhere; a password has to be one.
        query: in SQL. One that says ``ORDER BY`` gives the same examples in the same order each time.
        chunk_rows: how many rows to have in memory at a time.
        schema: the types of columns, ``int``, ``float`` or ``string``; those of the others are the values' own.
    """

    def __init__(self, *, url: str, query: str, chunk_rows: int = 50000, schema: dict[str, str] | None = None) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "url", url)
        text(name, "query", query)
        positive_whole(name, "chunk_rows", chunk_rows)
        check_schema(name, schema)
        password = _PASSWORD.search(url)
        if password and not _VARIABLE.fullmatch(password["password"] or password["asked"] or ""):
            raise StepArgumentError(name, "url has a password, which would be recorded", "write ${NAME} in its place")
        self.url, self.query, self.chunk_rows, self.schema = url, query, chunk_rows, schema

    def tables(self) -> list[Table]:
        """Run the query, and lay its rows down for the workers."""
        need("sqlalchemy", "sql", type(self).__qualname__)
        from zenrepo.steps.data.sql_read import rows_of
        from zenrepo.steps.data.tables import spool

        url, secrets = self._resolved()
        batches = rows_of(url, self.query, self.chunk_rows, self.schema or {}, secrets)
        found = spool(batches, self.scratch(), "the query")
        if not found:
            raise DataError("the query", "gives no rows", hint="an empty data set cannot be trained on")
        return found

    def _resolved(self) -> tuple[str, dict[str, str]]:
        """Fill in the environment variables and the place of a SQLite file; say what must not be shown."""
        secrets = {}
        for name in _VARIABLE.findall(self.url):
            if name not in os.environ:
                raise DataError("the query", f"environment variable '{name}', which 'url' names, is not set")
            secrets[os.environ[name]] = f"${{{name}}}"
        escaped = _WHOLE_PASSWORD.sub(lambda found: quote(os.environ[found[1]], safe=""), self.url)
        url = _VARIABLE.sub(lambda found: os.environ[found[1]], escaped)
        file = url.removeprefix(_SQLITE)
        if file != url and file and not file.startswith((":", "/")):
            path = self.input_path(file)
            if not os.path.isfile(path):  # noqa: PTH113  (SQLite takes a text)
                raise DataError(file, "no such file", hint=f"looked for {path}; SQLite would make an empty one")
            url = f"{_SQLITE}{path}"
        return url, secrets
