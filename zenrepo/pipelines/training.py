"""Write a training pipeline in Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from zenrepo.errors import PipelineFileError, StepArgumentError, UsageError
from zenrepo.git.locate import locate
from zenrepo.pipelines import rules
from zenrepo.pipelines.file import PipelineFile, StepEntry, Trigger, read, texts, write
from zenrepo.pipelines.order import ORDER, position, refuse_incomplete, refuse_order
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.steps.base import PINNED, BaseStep
from zenrepo.typed_yaml import save

T = TypeVar("T")


class TrainingPipeline:
    """A pipeline that reads data, splits and preprocesses it, and trains, evaluates and deploys a model.

    Args:
        name: the pipeline's name, which its file will have.

    Raises:
        UsageError: for a name that cannot be a file's.
    """

    def __init__(self, name: str) -> None:
        rules.refuse_pipeline_name(name)
        self._name = name
        self._trigger = Trigger()
        self._steps: dict[str, StepEntry] = {}
        self._kinds: dict[str, str] = {}

    @classmethod
    def from_file(cls, path: Path | str) -> TrainingPipeline:
        """Read a pipeline back from its file.

        Args:
            path: of the pipeline file.

        Returns:
            The pipeline; its steps are entries of type and arguments, and are not made.

        Raises:
            PipelineFileError: for anything wrong in the file.
            UsageError: if there is no such file.
        """
        path = Path(path)
        if not path.is_file():
            raise UsageError(f"there is no pipeline file '{path}'", "'zenrepo pipelines' lists them")
        file = read(path.read_bytes(), path.as_posix())
        pipeline = cls(file.name)
        pipeline._trigger = file.trigger
        pipeline._steps = dict(file.steps)
        pipeline._kinds = {name: name if name in ORDER else "" for name in file.steps}
        return pipeline

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self._name

    @property
    def steps(self) -> dict[str, StepEntry]:
        """The steps by name, in the order in which they run."""
        return dict(self._steps)

    def add_data(self, step: BaseStep) -> TrainingPipeline:
        """Add the DataStep."""
        return self._add("data", step)

    def add_split(self, step: BaseStep) -> TrainingPipeline:
        """Add the SplitStep."""
        return self._add("split", step)

    def add_sequencer(self, step: BaseStep) -> TrainingPipeline:
        """Add a SequencerStep; a pipeline need not have one."""
        return self._add("sequencer", step)

    def add_preprocess(self, step: BaseStep) -> TrainingPipeline:
        """Add the PreprocessStep."""
        return self._add("preprocess", step)

    def add_trainer(self, step: BaseStep) -> TrainingPipeline:
        """Add the TrainerStep."""
        return self._add("trainer", step)

    def add_evaluator(self, step: BaseStep) -> TrainingPipeline:
        """Add an EvaluatorStep; a pipeline need not have one."""
        return self._add("evaluator", step)

    def add_deployer(self, step: BaseStep) -> TrainingPipeline:
        """Add a DeployerStep; a pipeline need not have one."""
        return self._add("deployer", step)

    def trigger(self, on: Sequence[str] = ("commit",), branches: Sequence[str] = ()) -> TrainingPipeline:
        """Say which commits run the pipeline.

        Args:
            on: the events that run it.
            branches: globs of the branches whose commits do; every branch where it is empty.

        Returns:
            The pipeline.

        Raises:
            UsageError: for an event that is not known, or a string where a list belongs.
        """
        for name, value in (("on", on), ("branches", branches)):
            if isinstance(value, str):
                raise UsageError(f"'{name}' takes a list, not the string '{value}'", f"give {name}=['{value}']")
        rules.refuse_events(on)
        self._trigger = Trigger(on=list(on), branches=list(branches))
        return self

    def to_file(self) -> PipelineFile:
        """Say what the pipeline's file says.

        Raises:
            UsageError: if a mandatory step is missing or one stands in a wrong place.
        """
        if all(self._kinds.values()):
            self._refuse_order()
        return PipelineFile(name=self._name, trigger=self._trigger, steps=dict(self._steps))

    def register(self, repository: Path | None = None, *, replace: bool = False) -> Path:
        """Write the pipeline's file into a repository; commit it to make it run.

        Args:
            repository: a folder inside it; the current folder by default.
            replace: whether a file that says something else may be replaced.

        Returns:
            The file. One that says the same already is left as it is.

        Raises:
            UsageError: if steps are missing, or another pipeline of this name is there.
            StepArgumentError: if an argument is a path that would not work in another clone.
            NotARepository: if the folder is in none.
        """
        layout = locate(repository)
        pipeline = self.to_file()
        _refuse_paths(pipeline, layout.root)
        path = layout.pipelines / f"{self._name}.yaml"
        if path.exists() and _says(path, pipeline):
            return path
        if path.exists() and not replace:
            hint = "choose another name, or replace it with register(replace=True)"
            raise UsageError(f"'{path}' is there already and says something else", hint)
        save(path, write(pipeline))
        return path

    def _add(self, kind: str, step: BaseStep) -> TrainingPipeline:
        _refuse_interface(kind, step)
        if kind in self._steps or kind in self._kinds.values():
            raise UsageError(f"pipeline '{self._name}' has a {kind} step already", "make another pipeline")
        entry = StepEntry(type=_type(step), args=step.args)
        place = position(self._kinds, kind)
        self._steps = _insert(self._steps, place, kind, entry)
        self._kinds = _insert(self._kinds, place, kind, kind)
        return self

    def _refuse_order(self) -> None:
        before: dict[str, str] = {}
        for name, kind in self._kinds.items():
            refuse_order(before, name, kind)
            before[name] = kind
        refuse_incomplete(before)

    def __repr__(self) -> str:
        return f"TrainingPipeline(name={self._name!r}, steps={list(self._steps)})"


def _insert(entries: dict[str, T], place: int, name: str, entry: T) -> dict[str, T]:
    items = list(entries.items())
    return dict([*items[:place], (name, entry), *items[place:]])


def _refuse_interface(kind: str, step: object) -> None:
    wanted = f"add_{kind} takes an instance of {kind.title()}Step"
    if isinstance(step, type):
        raise UsageError(f"{wanted}, but got the class '{step.__qualname__}'", f"make it: {step.__qualname__}(…)")
    if not isinstance(step, BaseStep):
        raise UsageError(f"{wanted}, but got {step!r}", f"extend zenrepo.steps.{kind.title()}Step")
    if kind != step.KIND:
        hint = f"use add_{step.KIND}" if step.KIND in ORDER else f"extend zenrepo.steps.{kind.title()}Step"
        raise UsageError(f"{wanted}, but '{type(step).__qualname__}' is a {step.KIND} step", hint)


def _type(step: BaseStep) -> str:
    """Name the step type of an instance; of a class that was loaded as it was at a commit, with that pin."""
    cls = type(step)
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        where = "the script that runs" if cls.__module__ == "__main__" else "a function"
        raise UsageError(
            f"step class '{cls.__qualname__}' is defined in {where}, where no commit can find it",
            "move it to a module of the repository and import it from there",
        )
    pin = cls.__module__[len(PINNED) :].partition(".")[0][1:] if cls.__module__.startswith(PINNED) else ""
    step_type = f"{step.step_type()}@{pin}" if pin else step.step_type()
    rules.refuse_step_type(step_type)
    return step_type


def _refuse_paths(pipeline: PipelineFile, root: Path) -> None:
    for entry in pipeline.steps.values():
        for keys, text in texts(entry.args):
            _refuse_path(text, entry.step_type, ".".join(str(key) for key in keys), root)


def _refuse_path(text: str, step_type: str, argument: str, root: Path) -> None:
    try:
        refuse_absolute(text, root)
        refuse_outside(text)
    except UsageError as error:
        raise StepArgumentError(step_type, f"argument '{argument}': {error.message}", error.hint) from error


def _says(path: Path, pipeline: PipelineFile) -> bool:
    """Say whether a file, whatever its comments and layout, says a pipeline."""
    try:
        return read(path.read_bytes(), path.as_posix()) == pipeline
    except PipelineFileError:
        return False
