"""The TFX components that a pipeline is compiled from: one for each kind of step, and two of TFX's own in between.

The execution properties are what a step's cache key is made of beside its input artifacts; what must not be in it
(commit, run, pipeline file) is recorded elsewhere, in ``ledger``. No component executes anything here: the launcher
hands each to the performer.
"""

# ruff: noqa: RUF012 - TFX reads these maps of a class and changes none

from __future__ import annotations

from typing import Any, ClassVar

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_artifacts as artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

STEP = {
    "step_type": ExecutionParameter(type=str),
    "code_digest": ExecutionParameter(type=str),
    "args": ExecutionParameter(type=str),
    "inputs": ExecutionParameter(type=str),
    "zenrepo": ExecutionParameter(type=str),
    "environment": ExecutionParameter(type=str),
}
"""The cache key of a step: which code, with which arguments (canonical JSON), on which files (digests by path), which
release of zenrepo ran it, because a step may extend one that ships, in which environment (digests of lock files)."""

BETWEEN_STEPS = {"environment": ExecutionParameter(type=str)}
"""The cache key of a node of TFX's own, which is a part of the environment."""

BASELINE = "baseline"
"""The part of an evaluator's cache key that names the model it compares to, by its artifact's id; empty for none. It is
no input artifact, because a model does not come from the one that it was better than."""

REPLACES = "replaces"
"""The part of a deployer's cache key that names the version whose place the model takes, and whether a rollback took
the model out of service: a model whose place another one took meanwhile is deployed again."""


class Elsewhere(BaseExecutor):  # type: ignore[misc] # TFX has no types that mypy is shown
    """Marks a component that a performer executes."""

    def Do(self, input_dict: Any, output_dict: Any, exec_properties: Any) -> None:
        """Refuse: nothing is executed in the conductor."""
        raise NotImplementedError("a performer executes this component")


class _Spec(ComponentSpec):  # type: ignore[misc] # as above
    """What a component is given, takes and makes."""

    PARAMETERS: ClassVar[dict[str, Any]] = {}
    INPUTS: ClassVar[dict[str, Any]] = {}
    OUTPUTS: ClassVar[dict[str, Any]] = {}


class DataSpec(_Spec):
    """From outside to examples."""

    PARAMETERS = STEP
    OUTPUTS = {"examples": ChannelParameter(type=artifacts.Examples)}


class SplitSpec(_Spec):
    """From examples to examples in named splits."""

    PARAMETERS = STEP
    INPUTS = {"data": ChannelParameter(type=artifacts.Examples)}
    OUTPUTS = {"examples": ChannelParameter(type=artifacts.Examples)}


class SequencerSpec(_Spec):
    """From rows of a time series to sequences, split by split."""

    PARAMETERS = STEP
    INPUTS = {"rows": ChannelParameter(type=artifacts.Examples)}
    OUTPUTS = {"examples": ChannelParameter(type=artifacts.Examples)}


class CustomSpec(_Spec):
    """From examples, where there are any, to other examples."""

    PARAMETERS = STEP
    INPUTS = {"before": ChannelParameter(type=artifacts.Examples, optional=True)}
    OUTPUTS = {"examples": ChannelParameter(type=artifacts.Examples)}


class StatisticsSpec(_Spec):
    """TFX's StatisticsGen."""

    PARAMETERS = BETWEEN_STEPS
    INPUTS = {"examples": ChannelParameter(type=artifacts.Examples)}
    OUTPUTS = {"statistics": ChannelParameter(type=artifacts.ExampleStatistics)}


class SchemaSpec(_Spec):
    """TFX's SchemaGen."""

    PARAMETERS = BETWEEN_STEPS
    INPUTS = {"statistics": ChannelParameter(type=artifacts.ExampleStatistics)}
    OUTPUTS = {"schema": ChannelParameter(type=artifacts.Schema)}


class PreprocessSpec(_Spec):
    """From examples to transformed ones, and the graph that transforms."""

    PARAMETERS = STEP
    INPUTS = {
        "examples": ChannelParameter(type=artifacts.Examples),
        "schema": ChannelParameter(type=artifacts.Schema),
    }
    OUTPUTS = {
        "transform_graph": ChannelParameter(type=artifacts.TransformGraph),
        "transformed_examples": ChannelParameter(type=artifacts.Examples),
    }


class TrainerSpec(_Spec):
    """From transformed examples to a model, and what it says of the examples it is tested on."""

    PARAMETERS = STEP
    INPUTS = {
        "transformed_examples": ChannelParameter(type=artifacts.Examples),
        "transform_graph": ChannelParameter(type=artifacts.TransformGraph),
        "schema": ChannelParameter(type=artifacts.Schema),
        "examples": ChannelParameter(type=artifacts.Examples, optional=True),
    }
    OUTPUTS = {
        "model": ChannelParameter(type=artifacts.Model),
        "model_run": ChannelParameter(type=artifacts.ModelRun),
        "test_results": ChannelParameter(type=artifacts.Examples),
    }


class EvaluatorSpec(_Spec):
    """From a model and examples to its evaluation and blessing."""

    PARAMETERS = STEP | {BASELINE: ExecutionParameter(type=str)}
    INPUTS = {
        "examples": ChannelParameter(type=artifacts.Examples),
        "model": ChannelParameter(type=artifacts.Model),
        "schema": ChannelParameter(type=artifacts.Schema),
        "transform_graph": ChannelParameter(type=artifacts.TransformGraph, optional=True),
        "test_results": ChannelParameter(type=artifacts.Examples, optional=True),
    }
    OUTPUTS = {
        "evaluation": ChannelParameter(type=artifacts.ModelEvaluation),
        "blessing": ChannelParameter(type=artifacts.ModelBlessing),
    }


class InferrerSpec(_Spec):
    """From a model and examples to its predictions."""

    PARAMETERS = STEP
    INPUTS = {
        "examples": ChannelParameter(type=artifacts.Examples),
        "model": ChannelParameter(type=artifacts.Model),
    }
    OUTPUTS = {"predictions": ChannelParameter(type=artifacts.Examples)}


class DeployerSpec(_Spec):
    """From a model, and its blessing where there is one, to a deployed model."""

    PARAMETERS = STEP | {REPLACES: ExecutionParameter(type=str)}
    INPUTS = {
        "model": ChannelParameter(type=artifacts.Model),
        "blessing": ChannelParameter(type=artifacts.ModelBlessing, optional=True),
    }
    OUTPUTS = {"pushed_model": ChannelParameter(type=artifacts.PushedModel)}


class _Component(BaseComponent):  # type: ignore[misc] # as above
    """A node that a performer executes."""

    SPEC_CLASS = ComponentSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Elsewhere)


class Data(_Component):
    """The component of a DataStep."""

    SPEC_CLASS = DataSpec


class Split(_Component):
    """The component of a SplitStep."""

    SPEC_CLASS = SplitSpec


class Sequencer(_Component):
    """The component of a SequencerStep."""

    SPEC_CLASS = SequencerSpec


class Custom(_Component):
    """The component of a CustomStep."""

    SPEC_CLASS = CustomSpec


class Statistics(_Component):
    """The component of TFX's StatisticsGen."""

    SPEC_CLASS = StatisticsSpec


class Schema(_Component):
    """The component of TFX's SchemaGen."""

    SPEC_CLASS = SchemaSpec


class Preprocess(_Component):
    """The component of a PreprocessStep."""

    SPEC_CLASS = PreprocessSpec


class Trainer(_Component):
    """The component of a TrainerStep."""

    SPEC_CLASS = TrainerSpec


class Evaluator(_Component):
    """The component of an EvaluatorStep."""

    SPEC_CLASS = EvaluatorSpec


class Inferrer(_Component):
    """The component of an InferrerStep."""

    SPEC_CLASS = InferrerSpec


class Deployer(_Component):
    """The component of a DeployerStep."""

    SPEC_CLASS = DeployerSpec


COMPONENTS: dict[str, type[BaseComponent]] = {
    "data": Data,
    "split": Split,
    "sequencer": Sequencer,
    "custom": Custom,
    "statistics": Statistics,
    "schema": Schema,
    "preprocess": Preprocess,
    "trainer": Trainer,
    "evaluator": Evaluator,
    "inferrer": Inferrer,
    "deployer": Deployer,
}
"""By kind of step. An input is joined to the newest output of its name before it; ``JOINED`` has the exceptions."""

JOINED = {"data": ("examples",), "rows": ("examples",), "before": ("transformed_examples", "examples")}
"""What the inputs are joined to whose names are not those of outputs: the first of these that is there."""
