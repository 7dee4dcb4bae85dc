"""A pipeline as its file says it: read from one, and written into one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TypeVar

from zenrepo.errors import PipelineFileError, UsageError
from zenrepo.git.locate import locate
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import Entry, PipelineFile, StepEntry, read, write
from zenrepo.pipeline_files.limits import Duration
from zenrepo.pipeline_files.order import ORDERS, Order, refuse_incomplete, refuse_order
from zenrepo.pipeline_files.trigger import Trigger
from zenrepo.pipelines.entries import refuse_paths
from zenrepo.pipelines.ran import Ran
from zenrepo.typed_yaml import save

F = TypeVar("F", bound="Filed")


class Filed(Ran):
    """A pipeline that has a file, or will.

    Args:
        name: the pipeline's name, which its file will have.

    Raises:
        UsageError: for a name that cannot be a file's.
    """

    KIND: ClassVar[str]
    """The kind of pipeline, as its file says it."""

    def __init__(self, name: str) -> None:
        rules.refuse_pipeline_name(name)
        self._name = name
        self._trigger = Trigger()
        self._backend: Entry | None = None
        self._timeout: Duration | None = None
        self._steps: dict[str, StepEntry] = {}
        self._kinds: dict[str, str] = {}
        self._registered = False

    @classmethod
    def from_file(cls: type[F], path: Path | str) -> F:
        """Read a pipeline back from its file.

        Args:
            path: of the pipeline file.

        Returns:
            The pipeline; its steps are entries of type and arguments, and are not made.

        Raises:
            PipelineFileError: for anything wrong in the file.
            UsageError: if there is no such file, or it holds a pipeline of another kind.
        """
        path = Path(path)
        if not path.is_file():
            raise UsageError(f"there is no pipeline file '{path}'", "'zenrepo pipelines' lists them")
        file = read(path.read_bytes(), path.as_posix())
        if file.kind != cls.KIND:
            raise UsageError(f"'{path}' holds a pipeline of kind '{file.kind}', not '{cls.KIND}'")
        return cls.of(file, path.absolute().parent)

    @classmethod
    def of(cls: type[F], file: PipelineFile, home: Path | None = None, *, registered: bool = True) -> F:
        """Make the pipeline that a file of this kind says.

        Args:
            file: what the file says.
            home: a folder of its repository; the current folder's repository by default.
            registered: whether the file is in the repository.
        """
        pipeline = cls(file.name)
        pipeline._home = home
        pipeline._registered = registered
        pipeline._trigger = file.trigger
        pipeline._backend = file.backend
        pipeline._timeout = file.timeout
        pipeline._steps = dict(file.steps)
        pipeline._kinds = {name: name if name in pipeline.order.kinds else "" for name in file.steps}
        return pipeline

    @property
    def order(self) -> Order:
        """Which steps a pipeline of this kind has, and in which order."""
        return ORDERS[self.KIND]

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self._name

    @property
    def steps(self) -> dict[str, StepEntry]:
        """The steps by name, in the order in which they run."""
        return dict(self._steps)

    @property
    def datasources(self) -> list[str]:
        """The names of the datasources that its steps take data from."""
        return [str(entry.args["datasource"]) for entry in self._steps.values() if "datasource" in entry.args]

    def copy(self: F, new_name: str) -> F:
        """Make a pipeline of the same steps and trigger under another name.

        Args:
            new_name: its name.

        Raises:
            UsageError: for a name that cannot be a file's, or is this pipeline's own.
        """
        if new_name == self._name:
            raise UsageError(f"the copy of '{self._name}' needs a name of its own", f"such as '{self._name}-2'")
        return self.of(self._said(new_name), self._home, registered=False)

    def to_file(self) -> PipelineFile:
        """Say what the pipeline's file says.

        Raises:
            UsageError: if a mandatory step is missing or one stands in a wrong place.
        """
        if all(self._kinds.values()):
            self._refuse_order()
        return self._said(self._name)

    def register(self, repository: Path | None = None, *, replace: bool = False) -> Path:
        """Write the pipeline's file into a repository; commit it to make it run.

        Args:
            repository: a folder inside it; by default that which the pipeline was read from, else the current folder.
            replace: whether a file that says something else may be replaced.

        Returns:
            The file. One that says the same already is left as it is.

        Raises:
            UsageError: if steps are missing, or another pipeline of this name is there.
            StepArgumentError: if an argument is a path that would not work in another clone.
            NotARepository: if the folder is in none.
        """
        layout = locate(repository or self._home)
        pipeline = self.to_file()
        refuse_paths(pipeline, layout.root)
        path = layout.pipelines / f"{self._name}.yaml"
        said = path.exists() and _says(path, pipeline)
        if path.exists() and not said and not replace:
            hint = "choose another name, or replace it with register(replace=True)"
            raise UsageError(f"'{path}' is there already and says something else", hint)
        if not said:
            save(path, write(pipeline))
        self._home, self._registered = layout.root, True
        return path

    def _said(self, name: str) -> PipelineFile:
        """Say the pipeline under a name."""
        return PipelineFile(
            name=name,
            kind=self.KIND,
            trigger=self._trigger,
            backend=self._backend,
            timeout=self._timeout,
            steps=dict(self._steps),
        )

    def _refuse_order(self) -> None:
        before: dict[str, str] = {}
        for name, kind in self._kinds.items():
            refuse_order(self.order, before, name, kind)
            before[name] = kind
        refuse_incomplete(self.order, before)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r}, steps={list(self._steps)})"


def _says(path: Path, pipeline: PipelineFile) -> bool:
    """Say whether a file, whatever its comments and layout, says a pipeline."""
    try:
        return read(path.read_bytes(), path.as_posix()) == pipeline
    except PipelineFileError:
        return False
