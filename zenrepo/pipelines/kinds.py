"""The kinds of pipelines, and the steps that each takes."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from zenrepo.errors import UsageError
from zenrepo.pipeline_files import rules
from zenrepo.pipelines.entries import refuse_no_step
from zenrepo.pipelines.pipeline import Pipeline
from zenrepo.steps.base import BaseStep

D = TypeVar("D", bound="_OnData")


class _OnData(Pipeline):
    """A pipeline that begins with data."""

    def add_data(self: D, step: BaseStep) -> D:
        """Add the DataStep."""
        return self._add("data", step)

    def add_split(self: D, step: BaseStep) -> D:
        """Add the SplitStep."""
        return self._add("split", step)

    def add_sequencer(self: D, step: BaseStep) -> D:
        """Add a SequencerStep; a pipeline need not have one."""
        return self._add("sequencer", step)


class TrainingPipeline(_OnData):
    """A pipeline that reads data, splits and preprocesses it, and trains, evaluates and deploys a model.

    Evaluator and deployer, and the sequencer before the preprocesser, may be left out.
    """

    KIND: ClassVar[str] = "training"

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


class DataPipeline(_OnData):
    """A pipeline that brings data in and describes it; it may split, sequence and preprocess it too."""

    KIND: ClassVar[str] = "data"

    def add_preprocess(self, step: BaseStep) -> DataPipeline:
        """Add a PreprocessStep; a pipeline need not have one."""
        return self._add("preprocess", step)


class BatchInferencePipeline(_OnData):
    """A pipeline that has a model which is there already predict for every example."""

    KIND: ClassVar[str] = "batch_inference"

    def add_inferrer(self, step: BaseStep) -> BatchInferencePipeline:
        """Add the InferrerStep."""
        return self._add("inferrer", step)


class EvaluationPipeline(_OnData):
    """A pipeline that says how good a model, which is there already, is on data."""

    KIND: ClassVar[str] = "evaluation"

    def add_evaluator(self, step: BaseStep) -> EvaluationPipeline:
        """Add the EvaluatorStep."""
        return self._add("evaluator", step)


class CustomPipeline(Pipeline):
    """A pipeline of any steps in any order, each of which finds what it needs among what those before it made."""

    KIND: ClassVar[str] = "custom"

    def add_step(self, name: str, step: BaseStep) -> CustomPipeline:
        """Add a step behind those that are there.

        Args:
            name: the step's name in the pipeline.
            step: a step of any kind.

        Returns:
            The pipeline.

        Raises:
            UsageError: for a name that cannot be a step's, or that another step has, or if the pipeline has run.
        """
        self._refuse_ran()
        rules.refuse_step_name(name)
        refuse_no_step(step)
        if name in self._steps:
            raise UsageError(f"pipeline '{self._name}' has a step '{name}' already", "give the step another name")
        return self._insert(len(self._steps), name, step)


KINDS: dict[str, type[Pipeline]] = {
    kind.KIND: kind
    for kind in (TrainingPipeline, DataPipeline, BatchInferencePipeline, EvaluationPipeline, CustomPipeline)
}
"""The classes by kind of pipeline."""
