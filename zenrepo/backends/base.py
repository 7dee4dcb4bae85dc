"""The interfaces of backends: where a pipeline is conducted, where Beam works, where a model is trained."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from zenrepo.recorded import Recorded, Value


class Backend(Recorded):
    """Where work happens. A backend takes keyword arguments, which are recorded as those of a step are."""

    KIND: ClassVar[str] = "backend"


class OrchestratorBackend(Backend):
    """Where a whole run is conducted."""

    KIND: ClassVar[str] = "orchestrator"

    @abstractmethod
    def orchestrate(self, plan: str, conduct: Callable[[], bool]) -> bool:
        """Execute a run, and come back when it has ended.

        Args:
            plan: the file of the run's plan, as ``python -m zenrepo.runner`` takes it.
            conduct: executes the run in this process, and says whether it came to a good end.

        Returns:
            Whether the run came to a good end.
        """
        raise NotImplementedError


class ProcessingBackend(Backend):
    """Where the Beam pipelines of a step work."""

    KIND: ClassVar[str] = "processing"

    @abstractmethod
    def pipeline_options(self) -> dict[str, Value]:
        """Say the options of the Beam pipelines.

        Returns:
            Beam's pipeline options by name, ``runner`` among them; see ``PipelineOptions.from_dictionary``.
        """
        raise NotImplementedError


class TrainingJob(NamedTuple):
    """What a training backend has done.

    Args:
        step: the name of the trainer step in its pipeline.
        type: its step type.
        args: its arguments.
        inputs: the folders of the artifacts that it reads, by name: ``transformed_examples``, ``transform_graph``,
            ``schema``.
        outputs: the folders of the artifacts that it writes, by name: ``model``, ``model_run``, ``test_results``.
        run: trains in this process.
    """

    step: str
    type: str
    args: dict[str, Value]
    inputs: dict[str, str]
    outputs: dict[str, str]
    run: Callable[[], None]


class TrainingBackend(Backend):
    """Where a trainer step trains."""

    KIND: ClassVar[str] = "training"

    @abstractmethod
    def train(self, job: TrainingJob) -> None:
        """Have a job done, and come back when the model is in its folder.

        Args:
            job: what to train. ``job.run()`` does it in this process.
        """
        raise NotImplementedError
