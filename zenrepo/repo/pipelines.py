"""What a repository is asked about pipelines."""

from __future__ import annotations

from pathlib import Path

from zenrepo.flows.planning import listing
from zenrepo.layout import Layout
from zenrepo.pipelines.listing import Pipelines, kind_of, pipeline_of
from zenrepo.pipelines.pipeline import Pipeline
from zenrepo.repo.broken import warn_of_broken


class PipelineLookups:
    """Looks pipelines up, in the working tree or at a commit. A broken file hides no other pipeline."""

    layout: Layout

    def get_pipelines(self, revision: str | None = None) -> Pipelines:
        """Read the pipelines of the working tree, or of a commit.

        Args:
            revision: the commit, as ``git rev-parse`` takes it.

        Returns:
            The pipelines by name, each of the class of its kind. Files that cannot be read are in ``broken`` and
            warned of.
        """
        found = self._listed(revision)
        warn_of_broken(found.broken)
        return found

    def get_pipeline_names(self, revision: str | None = None) -> list[str]:
        """Name the pipelines, those whose files are broken too.

        Args:
            revision: see `get_pipelines`.
        """
        return listing.names(self.layout, revision)

    def get_pipeline_by_name(self, name: str, revision: str | None = None) -> Pipeline:
        """Read one pipeline.

        Args:
            name: its name.
            revision: see `get_pipelines`.

        Returns:
            The pipeline, of the class of its kind.

        Raises:
            UnknownName: if there is none of that name.
            PipelineFileError: if its file is broken.
        """
        return pipeline_of(listing.pipeline_file(self.layout, name, revision), self.layout)

    def get_pipelines_by_type(self, kind: str | type[Pipeline], revision: str | None = None) -> Pipelines:
        """Read the pipelines of one kind.

        Args:
            kind: such as ``training``, as the files say it, or the class.
            revision: see `get_pipelines`.

        Raises:
            UnknownName: for a kind that is not there.
        """
        wanted = kind_of(kind)
        found = self._listed(revision).only(lambda pipeline: wanted == pipeline.KIND)
        warn_of_broken(found.broken)
        return found

    def get_pipelines_by_datasource(self, datasource: object, revision: str | None = None) -> Pipelines:
        """Read the pipelines that take their data from a datasource.

        Args:
            datasource: it, or its name.
            revision: see `get_pipelines`.
        """
        name = datasource if isinstance(datasource, str) else getattr(datasource, "name", None)
        found = self._listed(revision).only(lambda pipeline: name in pipeline.datasources)
        warn_of_broken(found.broken)
        return found

    def register_pipeline(self, pipeline: Pipeline, *, replace: bool = False) -> Path:
        """Write a pipeline's file into the repository; see `Pipeline.register`.

        Args:
            pipeline: whose file.
            replace: whether a file that says something else may be replaced.

        Returns:
            The file; commit it to make it run.
        """
        return pipeline.register(self.layout.root, replace=replace)

    def _listed(self, revision: str | None) -> Pipelines:
        return Pipelines.of(listing.listing(self.layout, revision), self.layout)
