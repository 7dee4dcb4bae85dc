"""EvaluatorStep, on TFX's Evaluator (TensorFlow Model Analysis)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow_model_analysis as tfma
from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2
from tfx.types.artifact import Artifact

from zenrepo.runner import records
from zenrepo.runner.executors.measures import complete
from zenrepo.runner.work import Work
from zenrepo.steps.interfaces.evaluator import EvaluatorStep

if not hasattr(tfma, "EvalConfig"):  # newer releases have it only once TFX's public module is imported
    from tfx import v1  # noqa: F401 - imported for what it does to tfma

from tfx.components.evaluator.executor import Executor

SPLIT = "eval"


def evaluate(work: Work) -> None:
    """Evaluate the model on the split ``eval`` and bless it where no threshold speaks against it.

    Args:
        work: with an EvaluatorStep.

    Raises:
        StepFailed: if the split or the label is not there, or a threshold is for a metric that is not measured.
    """
    step = work.step
    assert isinstance(step, EvaluatorStep)
    records.require_splits(work.input("examples"), SPLIT)
    config = step.eval_config()
    complete(config, work)
    properties = {
        "eval_config": json_format.MessageToJson(config, preserving_proto_field_name=True),
        "example_splits": json.dumps([SPLIT]),
    }
    work.run_tfx(Executor, properties)
    evaluation, blessing = work.output("evaluation"), work.output("blessing")
    metrics = _metrics(evaluation.uri)
    blessed = _bless(blessing, config)
    for name, value in metrics.items():
        evaluation.set_float_custom_property(name, value)
    work.facts.update(metrics=metrics, blessed=blessed, **_unmet(evaluation.uri, blessed))


def _metrics(folder: str) -> dict[str, float]:
    """Read the metrics of the slice that holds all examples."""
    overall = tfma.load_eval_result(folder).get_metrics_for_all_slices().get((), {})
    return {name: float(value["doubleValue"]) for name, value in overall.items() if "doubleValue" in value}


def _bless(blessing: Artifact, config: config_pb2.EvalConfig) -> bool:
    """Bless a model without thresholds; TFX blesses none then. Say whether the model is blessed."""
    folder = Path(blessing.uri)
    if not any(folder.iterdir()) and not _has_thresholds(config):
        (folder / "BLESSED").touch()
        blessing.set_int_custom_property("blessed", 1)
    return (folder / "BLESSED").exists()


def _has_thresholds(config: config_pb2.EvalConfig) -> bool:
    metrics = [metric for spec in config.metrics_specs for metric in spec.metrics]
    return any(m.HasField("threshold") or m.per_slice_thresholds or m.cross_slice_thresholds for m in metrics)


def _unmet(folder: str, blessed: bool) -> dict[str, Any]:
    """Name the metrics whose thresholds are not met."""
    if blessed:
        return {}
    result = tfma.load_validation_result(folder)
    failures = [f for s in result.metric_validations_per_slice for f in s.failures]
    return {"unmet": sorted({f.metric_key.name for f in failures})}
