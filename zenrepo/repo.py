"""The repository: one face for what a user asks of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zenrepo.errors import PinError, PipelineFileError, UnknownName
from zenrepo.flows import lookup
from zenrepo.flows.execute import work
from zenrepo.git import tree
from zenrepo.git.locate import locate
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import PipelineFile, StepEntry, read
from zenrepo.runs.follow import follow
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.launch import start_worker
from zenrepo.sources.load import load, load_at
from zenrepo.sources.release import RELEASE
from zenrepo.sources.shipped import STANDARD
from zenrepo.steps.base import BaseStep, step_type_of


class Repository:
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

    @property
    def root(self) -> Path:
        """The folder that holds ``.zenml/``."""
        return self.layout.root

    @property
    def _pipelines(self) -> str:
        return f"{self.layout.prefix}{PIPELINES}/"

    def get_step_versions(self) -> dict[str, set[str]]:
        """Give every version of every step type that a branch, a tag or HEAD reaches.

        Returns:
            By step type, the commits that name its versions; a standard step that a pipeline uses has the release.
        """
        found: dict[str, set[str]] = {}
        for version in lookup.versions(self.layout, every_ref=True):
            found.setdefault(version.row.type, set()).add(version.row.commit)
        for entry in self._entries():
            if entry.step_type.startswith("zenrepo."):
                found.setdefault(entry.step_type, set()).add(entry.pin or RELEASE)
        return found

    def get_step_versions_by_type(self, step_type: str | type[BaseStep]) -> set[str]:
        """Give the versions of one step type.

        Args:
            step_type: the dotted path of the class, or the class.

        Returns:
            The commits that name its versions.

        Raises:
            UnknownName: for a step type that no commit holds.
        """
        name = _name(step_type)
        if name.startswith("zenrepo.steps.") and name.rpartition(".")[2] in STANDARD:
            return {RELEASE}
        return {version.row.commit for version in lookup.versions(self.layout, name, every_ref=True)}

    def get_step_by_version(self, step_type: str | type[BaseStep], version: str) -> Any:
        """Make a step again as it was at a commit.

        The class is the one of that commit; its arguments are those that a pipeline file of the commit gives it, or
        none where no pipeline names it.

        Args:
            step_type: the dotted path of the class, or the class.
            version: the commit, as ``git rev-parse`` takes it; the release for a step that ships with zenrepo.

        Returns:
            An instance of the class as it was.

        Raises:
            PinError: where the commit or the class is not there, or the class needs arguments that no pipeline gives.
        """
        name = _name(step_type)
        if name.startswith("zenrepo."):
            loaded, used = load(f"{name}@{version}"), self._entries()
        else:
            commit = lookup.commit_of(self.layout, version)
            loaded, used = load_at(name, commit, self.layout), self._entries(commit)
        args = next((entry.args for entry in used if entry.step_type == name), {})
        try:
            return loaded(**args)
        except TypeError as error:
            raise PinError(
                f"'{name}' at '{version}' cannot be made with the arguments {args}: {error}",
                f"load the class and make it yourself: zenrepo.sources.load.load('{name}@{version}')",
            ) from error

    def get_pipelines(self, revision: str | None = None) -> dict[str, PipelineFile]:
        """Read the pipeline files of the working tree, or of a commit.

        Args:
            revision: the commit, as ``git rev-parse`` takes it.

        Returns:
            The pipelines by name.

        Raises:
            PipelineFileError: for one that cannot be read.
        """
        texts = self._pipeline_texts(revision)
        return {Path(n).stem: read(text, f"{PIPELINES}/{n}", self.root) for n, text in texts.items()}

    def _pipeline_texts(self, revision: str | None) -> dict[str, bytes]:
        if revision is None:
            return {p.name: p.read_bytes() for p in sorted(self.layout.pipelines.glob("*.yaml"))}
        commit = lookup.commit_of(self.layout, revision)
        blobs = tree.files(self.layout.root, commit, under=self._pipelines)
        return {name: tree.content(self.layout.root, blob) for name, blob in blobs.items() if name.endswith(".yaml")}

    def _entries(self, revision: str | None = None) -> Iterator[StepEntry]:
        """Give the steps of the pipeline files that can be read: a broken one keeps no step from its arguments."""
        for name, text in self._pipeline_texts(revision).items():
            with contextlib.suppress(PipelineFileError):
                yield from read(text, f"{PIPELINES}/{name}", self.root).steps.values()

    def get_pipeline_by_name(self, name: str) -> PipelineFile:
        """Read one pipeline file of the working tree.

        Raises:
            UnknownName: if there is none of that name.
        """
        path = self.layout.pipelines / f"{name}.yaml"
        if not path.is_file():
            known = [p.stem for p in self.layout.pipelines.glob("*.yaml")]
            raise UnknownName("pipeline", name, known, "'zenrepo pipelines' lists them")
        return read(path.read_bytes(), f"{PIPELINES}/{name}.yaml", self.root)

    def run(self, pipeline: str, *, at: str = "HEAD", cache: bool = True, wait: bool = True) -> Run:
        """Run a pipeline at a commit.

        Args:
            pipeline: its name.
            at: the commit, as ``git rev-parse`` takes it.
            cache: whether earlier results may be re-used.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.

        Returns:
            The run.

        Raises:
            UnknownName: if the commit holds no such pipeline.
        """
        commit = lookup.commit_of(self.layout, at)
        names = [Path(n).stem for n in tree.files(self.layout.root, commit, under=self._pipelines)]
        if pipeline not in names:
            raise UnknownName("pipeline", pipeline, names, f"commit {commit[:7]} holds no {PIPELINES}/{pipeline}.yaml")
        with Journal(self.layout.runs_db) as journal:
            run = journal.add(pipeline, commit, self.root, "asked for", cache=cache)
            if wait:
                work(self.layout)
                for _ in follow(self.layout, journal, run.number):
                    pass  # another worker may have taken it
            else:
                start_worker(self.layout)
            return journal.run(run.number)

    def runs(self, pipeline: str | None = None) -> list[Run]:
        """Give the runs of this clone, newest first."""
        with Journal(self.layout.runs_db) as journal:
            return journal.runs(pipeline)


def _name(step_type: str | type[BaseStep]) -> str:
    if isinstance(step_type, str):
        return step_type
    return step_type_of(step_type.__module__, step_type.__qualname__)
