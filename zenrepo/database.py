"""A SQLite file that several processes use at once."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

PATIENCE = 60
"""Seconds to wait for another process that writes the file."""

Same = TypeVar("Same", bound="Database")


class Database:
    """An open file; its classes add the questions.

    Args:
        connection: to the file, see `connect`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self: Same) -> Same:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file for one change that happens whole or not at all; other writers wait."""
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self._database.commit()


def connect(path: Path) -> sqlite3.Connection:
    """Open a file in which every statement outside `Database.writing` is a change of its own."""
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
