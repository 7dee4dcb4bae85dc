"""Pipelines by name, of the classes of their kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zenrepo.errors import PipelineFileError
from zenrepo.flows.planning.listing import Listing
from zenrepo.layout import Layout
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import PipelineFile
from zenrepo.pipelines.aligned import aligned
from zenrepo.pipelines.kinds import KINDS
from zenrepo.pipelines.pipeline import Pipeline


class Pipelines(dict[str, Pipeline]):
    """Pipelines by name. They print as a table.

    Attributes:
        broken: why the files that cannot be read cannot, by the names that they have.
    """

    def __init__(self, found: dict[str, Pipeline], broken: dict[str, PipelineFileError]) -> None:
        super().__init__(found)
        self.broken = broken

    @classmethod
    def of(cls, listing: Listing, layout: Layout) -> Pipelines:
        """Make the pipelines of the files of a repository."""
        return cls({name: pipeline_of(file, layout) for name, file in listing.files.items()}, listing.broken)

    def only(self, wanted: Callable[[Pipeline], bool]) -> Pipelines:
        """Give those that are wanted; of a broken file nobody knows whether it is."""
        return Pipelines({name: pipeline for name, pipeline in self.items() if wanted(pipeline)}, self.broken)

    def __str__(self) -> str:
        rows = [(name, pipeline.KIND, ", ".join(pipeline.steps)) for name, pipeline in self.items()]
        table = aligned(("pipeline", "kind", "steps"), rows)
        return "\n".join([table, *(f"broken: {error.message}" for error in self.broken.values())])

    __repr__ = __str__


def pipeline_of(file: PipelineFile, layout: Layout) -> Pipeline:
    """Make the pipeline that a file of a repository says."""
    return KINDS[file.kind].of(file, Path(layout.folder))


def kind_of(kind: str | type[Pipeline]) -> str:
    """Name a kind of pipeline, given as a name or a class.

    Raises:
        UnknownName: for one that is not there.
    """
    name = kind if isinstance(kind, str) else kind.KIND
    rules.refuse_kind(name)
    return name
