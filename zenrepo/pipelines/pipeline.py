"""What all kinds of pipelines have in common: a name, a trigger, steps, and a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from zenrepo.backends.base import OrchestratorBackend
from zenrepo.backends.fits import refuse_no_orchestrator
from zenrepo.durations import refuse_no_duration
from zenrepo.errors import NotARepository, PipelineFileError, UsageError
from zenrepo.flows.answers import results
from zenrepo.flows.execution.start import refuse_uncommitted, start
from zenrepo.flows.planning.capture import choose
from zenrepo.flows.planning.wishes import asked, plain_settings
from zenrepo.git.locate import locate
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import Entry, PipelineFile, StepEntry, read, write
from zenrepo.pipeline_files.limits import Duration
from zenrepo.pipeline_files.order import ORDERS, Order, position, refuse_incomplete, refuse_order
from zenrepo.pipeline_files.trigger import Trigger, refuse_trigger
from zenrepo.pipelines.entries import backend_entry, entry_of, insert, refuse_interface, refuse_paths
from zenrepo.pipelines.ran import Ran
from zenrepo.runs.journal import Run
from zenrepo.steps.base import BaseStep
from zenrepo.typed_yaml import save

P = TypeVar("P", bound="Pipeline")


class Pipeline(Ran):
    """A pipeline: ordered steps under a name.

    One that has run cannot be changed: neither one that was read from its file, nor one that was registered or run.

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
    def from_file(cls: type[P], path: Path | str) -> P:
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
    def of(cls: type[P], file: PipelineFile, home: Path | None = None, *, registered: bool = True) -> P:
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

    def trigger(
        self: P,
        on: Sequence[str] = ("commit",),
        branches: Sequence[str] = (),
        paths: Sequence[str] = (),
        superseded: str | None = None,
        *,
        tags: Sequence[str] = (),
        schedule: str | None = None,
        timezone: str | None = None,
    ) -> P:
        """Say which commits run the pipeline, and when.

        Args:
            on: the events that run it.
            branches: globs of the branches whose commits do; every branch where it is empty.
            paths: globs of the files whose changes do; whatever affects the pipeline where it is empty.
            superseded: what becomes of older commits' runs: ``queue`` by default, ``latest`` or ``cancel-running``.
            tags: globs of the tags whose commits run it; every tag where it is empty.
            schedule: the times at which it runs, as the five fields of cron: ``"0 3 * * *"`` is every night at three.
            timezone: of the schedule, such as ``"Europe/Berlin"``; that of the machine by default.

        Returns:
            The pipeline.

        Raises:
            UsageError: for an event or a policy that is not known, a glob that can match no file of the repository, no
                schedule, an argument that none of the events looks at, a string where a list belongs, or if the
                pipeline has run.
        """
        self._refuse_ran()
        lists = {"on": on, "branches": branches, "paths": paths, "tags": tags}
        for name, value in lists.items():
            if isinstance(value, str):
                raise UsageError(f"'{name}' takes a list, not the string '{value}'", f"give {name}=['{value}']")
        globs = {name: list(value) for name, value in lists.items()}
        trigger = Trigger(**globs, schedule=schedule, timezone=timezone, superseded=superseded)
        refuse_trigger(trigger, lambda *_: nullcontext())
        self._trigger = trigger
        return self

    def with_backend(self: P, backend: OrchestratorBackend) -> P:
        """Say where the pipeline's runs are conducted.

        Args:
            backend: the local one where none is given.

        Returns:
            The pipeline.

        Raises:
            UsageError: for anything but an OrchestratorBackend, or if the pipeline has run.
        """
        self._refuse_ran()
        refuse_no_orchestrator(backend)
        self._backend = backend_entry(backend)
        return self

    def with_timeout(self: P, timeout: Duration) -> P:
        """Say how long a run of the pipeline may take.

        Args:
            timeout: ``"6 h"``, or seconds.

        Returns:
            The pipeline.

        Raises:
            UsageError: for what is no length of time, or if the pipeline has run.
        """
        self._refuse_ran()
        refuse_no_duration(timeout)
        self._timeout = timeout
        return self

    def copy(self: P, new_name: str) -> P:
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

    def run(  # noqa: PLR0913  (as many as the command has options)
        self,
        at: str | None = None,
        *,
        cache: bool = True,
        wait: bool = True,
        dirty: str | None = None,
        first: str | None = None,
        last: str | None = None,
        only: str | None = None,
        settings: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Run:
        """Run the pipeline, whose file has to say the same as it.

        Args:
            at: a commit, as ``git rev-parse`` takes it; by default the working tree, or ``HEAD`` where nothing is
                changed.
            cache: whether earlier results may be re-used, from ``first`` on.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.
            dirty: with uncommitted changes: ``capture`` them, as by default, ``refuse`` to run, or ``ignore`` them.
            first: the step to begin with; what stands before is used again, or the run fails.
            last: the step to end with.
            only: both at once.
            settings: values that replace the pipeline's in this run, by key: ``steps.trainer.args.epochs``.
            name: by which to find the run again.

        Returns:
            The run; its ``state`` says how it ended, and its ``message`` why it failed.

        Raises:
            UsageError: if the pipeline's file is not there, or says something else; for a step or setting it lacks.
            DirtyTreeRefused: for uncommitted changes that are refused, or that cannot be captured.
        """
        layout = self._layout()
        chosen = choose(layout, at, dirty)
        refuse_uncommitted(layout, self.to_file(), chosen)
        options = asked(first, last, only, plain_settings(settings or {}), name)
        run = start(layout, self._name, chosen, options, cache=cache, wait=wait)
        self._home, self._registered = layout.root, True
        self._last = run if wait else None
        return run

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

    def _add(self: P, kind: str, step: BaseStep) -> P:
        self._refuse_ran()
        refuse_interface(kind, step)
        if kind in self._steps or kind in self._kinds.values():
            raise UsageError(f"pipeline '{self._name}' has a {kind} step already", "make another pipeline")
        place = position(self.order, self._kinds, kind)
        return self._insert(place, kind, step)

    def _refuse_ran(self) -> None:
        """Refuse to change what has run."""
        if not self._registered:
            return
        try:
            ran = results.runs(self._layout(), self._name, 1)
        except NotARepository:  # the file lies somewhere else, where nothing runs
            return
        if ran:
            raise UsageError(
                f"pipeline '{self._name}' has run already, last as run {ran[0].number}, and stays as it is",
                f"change a copy: copy('{self._name}-2')",
            )

    def _insert(self: P, place: int, name: str, step: BaseStep) -> P:
        self._steps = insert(self._steps, place, name, entry_of(step))
        self._kinds = insert(self._kinds, place, name, step.KIND)
        return self

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
