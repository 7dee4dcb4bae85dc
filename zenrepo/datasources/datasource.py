"""A datasource: data under a name, with immutable commits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zenrepo.datasource_files import commits, file
from zenrepo.datasource_files.commits import DatasourceCommit
from zenrepo.datasource_files.file import DatasourceFile
from zenrepo.errors import PipelineFileError, RunFailed, StepArgumentError, UsageError
from zenrepo.flows import lookup
from zenrepo.flows.planning import stores
from zenrepo.git import tree
from zenrepo.git.locate import locate
from zenrepo.layout import DATASOURCES, Layout
from zenrepo.pipeline_files.file import texts
from zenrepo.pipelines.entries import entry_of, refuse_interface
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.runs.journal import COMPLETE, Journal, Run
from zenrepo.runs.processes.worker_start import start_worker
from zenrepo.runs.watching.follow import follow
from zenrepo.steps.base import BaseStep
from zenrepo.typed_yaml import save


class Datasource:
    """Data under a name: a data step that reads it, and the commits that were made of what it read.

    Args:
        name: its name, which its file will have.
        step: the data step.

    Raises:
        UsageError: for a name that cannot be a file's, and for a step that is no data step.
    """

    def __init__(self, name: str, step: BaseStep) -> None:
        file.refuse_name(name)
        refuse_interface("data", step)
        entry = entry_of(step)
        self._file = DatasourceFile(name=name, type=entry.type, args=entry.args)
        self._layout: Layout | None = None

    @classmethod
    def of(cls, said: DatasourceFile, layout: Layout) -> Datasource:
        """Make the datasource that a repository's file says."""
        datasource = cls.__new__(cls)
        datasource._file, datasource._layout = said, layout  # noqa: SLF001  (its own)
        return datasource

    @property
    def name(self) -> str:
        """Its name."""
        return self._file.name

    @property
    def type(self) -> str:
        """The type of the data step."""
        return self._file.type

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of the data step, as they are recorded."""
        return dict(self._file.args)

    def register(self, repository: Path | str | None = None, *, replace: bool = False) -> Path:
        """Write the datasource's file.

        Args:
            repository: a folder of the repository; the current one by default.
            replace: whether to replace a file that says something else; its commits stay.

        Returns:
            The file, which git tracks once it is added.

        Raises:
            UsageError: if a datasource of this name is there and says something else, or a path in its arguments
                would not work in another clone.
        """
        layout = locate(Path(repository) if repository is not None else None)
        self._refuse_paths(layout.root)
        path = layout.root / DATASOURCES / f"{self.name}.yaml"
        if path.exists() and not replace and not self._is_said_by(path):
            hint = "choose another name, or replace it with register(replace=True)"
            raise UsageError(f"'{path}' is there already and says something else", hint)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, file.write(self._file))
        self._layout = layout
        return path

    def commit(self) -> str:
        """Read the data as it is now, as a run of HEAD, and keep it.

        Returns:
            The id of the commit; that of an earlier one where the data is the same.

        Raises:
            UsageError: where the datasource's file is not committed to git as it is.
            RunFailed: if the data cannot be read; nothing is kept of it.
        """
        run = self._add()
        layout = self._located()
        with Journal(layout.runs_db) as journal:
            from zenrepo.flows.execution.work import work  # noqa: PLC0415  (its lock brings asyncio in)

            work(layout)
            for _ in follow(layout, journal, run.number):
                pass  # another worker may have taken it
            ended = journal.run(run.number)
        if ended.state != COMPLETE:
            message, _, hint = ended.message.partition("\nhint: ")
            raise RunFailed(f"datasource '{self.name}' was not committed: {message}", hint)
        return self.commit_of(ended)

    def queue(self) -> Run:
        """Queue the run of a commit, and see that a worker takes it.

        Returns:
            The run, which others can follow.

        Raises:
            UsageError: where the datasource's file is not committed to git as it is.
        """
        run = self._add()
        start_worker(self._located())
        return run

    def _add(self) -> Run:
        """Queue the run."""
        layout = self._located()
        head = lookup.commit_of(layout, "HEAD")
        path = f"{layout.prefix}{DATASOURCES}/{self.name}.yaml"
        blobs = tree.files(layout.root, head, under=path)
        text = next((tree.content(layout.root, blob) for blob in blobs.values()), b"")
        if not text or file.read(text, path) != self._file:
            what = "is not what git has of it" if text else "is not committed to git"
            cure = f"git add {DATASOURCES}/{self.name}.yaml && git commit"
            raise UsageError(f"the file of datasource '{self.name}' {what}, and a run executes a commit", cure)
        with Journal(layout.runs_db) as journal:
            return journal.add(file.run_name(self.name), head, layout.root, "datasource commit")

    def commit_of(self, run: Run) -> str:
        """Give the id of the commit that a run made or found to be there."""
        return next(commit.id for commit in self.commits if commit.run == run.id)

    @property
    def commits(self) -> list[DatasourceCommit]:
        """Its commits in this clone's artifact store, newest first."""
        return commits.commits_of(self._store(), self.name)

    def get_commit(self, commit: str) -> DatasourceCommit:
        """Find a commit by its id, or the beginning of it.

        Raises:
            UsageError: where there is none, or several begin so.
        """
        return commits.find(self._store(), self.name, commit, [self.name])

    def get_latest_commit(self) -> DatasourceCommit:
        """Give the newest commit.

        Raises:
            UsageError: where there is none.
        """
        return self.get_commit(commits.LATEST)

    def _store(self) -> Path:
        return Path(stores.artifact_store(self._located()))

    def _located(self) -> Layout:
        if self._layout is None:
            raise UsageError(f"datasource '{self.name}' belongs to no repository yet", "register() it first")
        return self._layout

    def _is_said_by(self, path: Path) -> bool:
        try:
            return file.read(path.read_bytes(), path.as_posix()) == self._file
        except PipelineFileError:
            return False

    def _refuse_paths(self, root: Path) -> None:
        for keys, text in texts(self._file.args):
            try:
                refuse_absolute(text, root)
                refuse_outside(text)
            except UsageError as error:
                argument = ".".join(str(key) for key in keys)
                raise StepArgumentError(self.type, f"argument '{argument}': {error.message}", error.hint) from error

    def __repr__(self) -> str:
        return f"Datasource(name={self.name!r}, type={self.type!r})"
