"""DatasourceStep: the examples of a datasource's commit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps.checks import text
from zenrepo.steps.data.ready import input_name
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam

LATEST = "latest"
_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")


class DatasourceStep(DataStep):
    """Takes over the examples of a datasource's commit as they are.

    Args:
        datasource: its name.
        commit: which of its commits: its id, or 7 or more digits of that; ``latest`` is the newest one when the run is
            planned, and the run's record says which that was.
    """

    def __init__(self, *, datasource: str, commit: str = LATEST) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "datasource", datasource)
        text(name, "commit", commit)
        if commit != LATEST and not _COMMIT.match(commit):
            raise StepArgumentError(name, f"commit is {commit!r}, no id of a commit", "or 'latest'")
        self.datasource, self.commit = datasource, commit

    def read_from_source(self) -> beam.PTransform:
        """Refuse: there is nothing to read."""
        raise StepFailed("a DatasourceStep takes over examples, and reads none")

    def ready_examples(self) -> str:
        """Say where the commit lies, which was found when the run was planned."""
        name = input_name(self.datasource)
        folder = self.input_path(name)
        if folder == name:
            raise StepFailed(f"datasource '{self.datasource}' is looked up for a run, and this is none")
        return folder
