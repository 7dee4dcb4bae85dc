"""What a repository is asked about datasources."""

from __future__ import annotations

from zenrepo import datasources
from zenrepo.datasources import Datasource
from zenrepo.errors import PipelineFileError
from zenrepo.layout import Layout
from zenrepo.repo.broken import warn_of_broken


class Datasources(dict[str, Datasource]):
    """Datasources by name.

    Attributes:
        broken: why the files that cannot be read cannot, by the names that they have.
    """

    def __init__(self) -> None:
        super().__init__()
        self.broken: dict[str, PipelineFileError] = {}


class DatasourceLookups:
    """Looks datasources up, in the working tree. A broken file hides no other datasource."""

    layout: Layout

    def get_datasources(self) -> Datasources:
        """Read the datasources.

        Returns:
            The datasources by name. Files that cannot be read are in ``broken`` and warned of.
        """
        found = Datasources()
        for name in datasources.names(self.layout):
            try:
                found[name] = datasources.by_name(self.layout, name)
            except PipelineFileError as error:
                found.broken[name] = error
        warn_of_broken(found.broken)
        return found

    def get_datasource_names(self) -> list[str]:
        """Name the datasources, those whose files are broken too."""
        return datasources.names(self.layout)

    def get_datasource_by_name(self, name: str) -> Datasource:
        """Read one datasource.

        Raises:
            UnknownName: if there is none of that name.
            PipelineFileError: if its file is broken.
        """
        return datasources.by_name(self.layout, name)
