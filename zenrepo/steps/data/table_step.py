"""What the data steps have in common whose source says itself of which types its values are."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepFailed
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam

    from zenrepo.steps.data.tables import Table


class TableDataStep(DataStep):
    """A data step whose source has types.

    Whole numbers and booleans become ``int``; decimals ``float``; texts, dates and times ``string``; a struct's fields
    columns of their own, with a dot in their names; lists of those lists.
    """

    schema: dict[str, str] | None = None

    @abstractmethod
    def tables(self) -> list[Table]:
        """List the tables that the data lies in."""
        raise NotImplementedError

    def read_from_source(self) -> beam.PTransform:
        """Look through the data for its types, and read it.

        Raises:
            DataError: for data that cannot be read, saying which.
        """
        found = self.tables()
        from zenrepo.steps.data.tables import look  # after what needs none of it

        source, notes = look(found, self.schema or {})
        if notes:
            self.facts["notes"] = [*self._notes(), *notes]
        return source

    def _notes(self) -> list[Any]:
        notes = self.facts.get("notes", [])
        return notes if isinstance(notes, list) else []


def need(module: str, extra: str, step: str) -> Any:
    """Import a library that few steps need.

    Args:
        module: its name.
        extra: of this package, that brings it.
        step: the class that needs it.

    Raises:
        StepFailed: where it is not installed, saying how to get it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise StepFailed(
            f"{step} needs '{error.name}', which is not installed here", f"pip install 'zenrepo[{extra}]'"
        ) from error
