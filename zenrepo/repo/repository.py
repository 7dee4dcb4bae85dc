"""The face of a repository."""

from __future__ import annotations

from pathlib import Path

from zenrepo.flows.init import make_repository
from zenrepo.flows.planning import stores
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.repo.captured import CapturedLookups
from zenrepo.repo.datasources import DatasourceLookups
from zenrepo.repo.pipelines import PipelineLookups
from zenrepo.repo.runs import RunLookups
from zenrepo.repo.steps import StepLookups


class Repository(StepLookups, PipelineLookups, DatasourceLookups, RunLookups, CapturedLookups):
    """A git repository with a ``.zenml/`` folder.

    Args:
        layout: where it keeps things.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @classmethod
    def get_instance(cls, path: Path | str | None = None) -> Repository:
        """Give the repository around a folder, the current one by default.

        Raises:
            NotARepository: where there is none.
        """
        return cls(locate(Path(path) if path is not None else None))

    @classmethod
    def init_repo(
        cls, path: Path | str | None = None, *, hooks: bool = True, here: bool = False, trust: bool | None = None
    ) -> Repository:
        """Make a git repository a zenrepo repository, as ``zenrepo init`` does. Done twice it changes nothing.

        Args:
            path: a folder inside it, the current one by default.
            hooks: whether to install the git hooks, beside those that are there.
            here: whether to make a project of the folder itself, inside a larger repository.
            trust: whether to trust its triggers; by default where it was no zenrepo repository before.

        Raises:
            NotARepository: where git has none.
        """
        return cls(make_repository(Path(path or "."), hooks=hooks, here=here, trust=trust).layout)

    @property
    def root(self) -> Path:
        """The folder that holds ``.zenml/``."""
        return self.layout.root

    def get_default_metadata_store(self) -> str:
        """Give where ML Metadata lives: a SQLite file."""
        return stores.metadata_store(self.layout)

    def get_default_artifact_store(self) -> str:
        """Give the folder where artifacts live."""
        return stores.artifact_store(self.layout)

    def get_default_pipelines_dir(self) -> str:
        """Give the folder where pipeline files live."""
        return str(self.layout.pipelines)

    def __repr__(self) -> str:
        return f"Repository('{self.root}')"
