"""What one performance of a step is given, and what it may leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.types.artifact import Artifact

from zenrepo.backends import (
    Backend,
    LocalProcessing,
    LocalTraining,
    ProcessingBackend,
    TrainingBackend,
    TrainingJob,
)
from zenrepo.runner.performing.stopwatch import Stopwatch
from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # not every step needs Beam, which takes seconds to import
    import apache_beam as beam


@dataclass
class Work:
    """One performance of a step.

    Args:
        name: the step's name in the pipeline.
        step: the step; ``None`` where TFX works alone.
        config: what ``step_load`` makes the step again from.
        info: TFX's execution: properties, folders.
        inputs: artifacts by name.
        outputs: artifacts by name, to be filled.
        earlier: what earlier runs left that the step must know of, see the module ``earlier``.
        backend: where the step works; ``None`` for the local backend of its kind.
    """

    name: str
    step: BaseStep | None
    config: dict[str, Any]
    info: ExecutionInfo
    inputs: dict[str, list[Artifact]]
    outputs: dict[str, list[Artifact]]
    earlier: dict[str, Any]
    backend: Backend | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    _stopwatch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def beam_seconds(self) -> float:
        """Seconds inside Beam pipelines so far."""
        return self._stopwatch.seconds

    def input(self, name: str) -> Artifact:
        """Return the one artifact of an input."""
        [artifact] = self.inputs[name]
        return artifact

    def output(self, name: str) -> Artifact:
        """Return the one artifact of an output."""
        [artifact] = self.outputs[name]
        return artifact

    def pipeline(self) -> beam.Pipeline:
        """Make a Beam pipeline on the processing backend of the step."""
        from zenrepo.runner.performing.beam_pipeline import TimedPipeline

        backend = self.backend if isinstance(self.backend, ProcessingBackend) else LocalProcessing()
        return TimedPipeline(backend, self._stopwatch)

    def train(self, run: Callable[[], None]) -> None:
        """Have the training backend of the step train.

        Args:
            run: trains in this process.
        """
        backend = self.backend if isinstance(self.backend, TrainingBackend) else LocalTraining()
        inputs = {name: artifacts[0].uri for name, artifacts in self.inputs.items()}
        outputs = {name: artifacts[0].uri for name, artifacts in self.outputs.items()}
        backend.train(TrainingJob(self.name, self.config["type"], self.config["args"], inputs, outputs, run))

    def context(self, executor: type[BaseExecutor]) -> BaseExecutor.Context:
        """Make the context that one of TFX's own executors runs in."""
        from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor

        common = {
            "tmp_dir": self.info.tmp_dir,
            "unique_id": str(self.info.execution_id),
            "executor_output_uri": self.info.execution_output_uri,
            "stateful_working_dir": self.info.stateful_working_dir,
            "pipeline_node": self.info.pipeline_node,
            "pipeline_info": self.info.pipeline_info,
            "pipeline_run_id": self.info.pipeline_run_id,
        }
        if issubclass(executor, BaseBeamExecutor):
            return BaseBeamExecutor.Context(make_beam_pipeline_fn=self.pipeline, **common)
        return BaseExecutor.Context(**common)

    def run_tfx(
        self,
        executor: type[BaseExecutor],
        properties: dict[str, Any],
        inputs: dict[str, list[Artifact]] | None = None,
    ) -> None:
        """Run one of TFX's own executors on the artifacts.

        Args:
            executor: its class.
            properties: its execution properties.
            inputs: where its names differ from this component's.
        """
        executor(self.context(executor)).Do(inputs or self.inputs, self.outputs, properties)
