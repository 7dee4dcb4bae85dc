"""Completes an evaluation config: which metrics measure a model, when the step leaves that open.

The rule: a model whose output has several columns classifies among as many classes; one whose labels are all 0 or 1
classifies between two; any other is a regression.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.saved_model import loader_impl
from tensorflow_model_analysis.proto import config_pb2

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import known_feature
from zenrepo.steps.evaluator.arguments import known_slices
from zenrepo.steps.evaluator.thresholds import refuse_unknown
from zenrepo.steps.interfaces.evaluator import Evaluation

DEFAULTS = {
    "binary": ["BinaryAccuracy", "AUC", "Precision", "Recall", "BinaryCrossentropy"],
    "multi-class": ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"],
    "regression": ["MeanSquaredError", "MeanAbsoluteError"],
}
SIGNATURE = "serving_default"
TRANSFORM = "transform_features"
CURVE = "AUC"


def complete(config: config_pb2.EvalConfig, evaluation: Evaluation, thresholds: Iterable[str]) -> int:
    """Fill in what the step left open: the model, the metrics, the label's coding.

    Args:
        config: the step's config, changed in place. Its label key and slices are checked against the examples.
        evaluation: the model and the examples.
        thresholds: the metrics that the step has thresholds for, beside the config's.

    Returns:
        The number of examples.

    Raises:
        StepFailed: if the examples have no such label or feature, or a threshold is for a metric that is not measured.
    """
    if not config.model_specs:
        config.model_specs.add()
    signatures = signatures_of(evaluation.model)
    labels = np.zeros(0)
    for spec in config.model_specs:
        spec.signature_name = spec.signature_name or SIGNATURE
        labels = _labels(spec.label_key, config, evaluation)
        if labels.dtype.kind not in "iuf" and TRANSFORM in signatures:
            spec.preprocessing_function_names.append(TRANSFORM)
    if not any(spec.metrics for spec in config.metrics_specs):
        metrics = config.metrics_specs[0] if config.metrics_specs else config.metrics_specs.add()
        for name in DEFAULTS[_problem(labels, signatures)]:
            metrics.metrics.add(class_name=name)
    _refuse_constant(labels, config, evaluation.split)
    _place_thresholds(config)
    if all(spec.metrics for spec in config.metrics_specs):
        refuse_unknown(thresholds, _by_name(config))
    if not config.slicing_specs:
        config.slicing_specs.add()
    return len(labels)


def signatures_of(model: str) -> Any:
    """Read the signatures of a SavedModel, by name, without loading it.

    Raises:
        StepFailed: if there is no SavedModel.
    """
    try:
        return loader_impl.parse_saved_model(model).meta_graphs[0].signature_def
    except OSError as error:
        raise StepFailed(
            f"the model in '{model}' is no SavedModel, and TensorFlow Model Analysis measures no other",
            "use ResultsEvaluator, which measures what any model answered",
        ) from error


def _place_thresholds(config: config_pb2.EvalConfig) -> None:
    """Move each threshold to its metric: TFMA looks for a threshold of the whole config in the model's own metrics."""
    metrics = _by_name(config)
    for spec in config.metrics_specs:
        refuse_unknown(spec.thresholds, metrics)
        for name, threshold in spec.thresholds.items():
            metrics[name].threshold.CopyFrom(threshold)
        spec.thresholds.clear()


def _by_name(config: config_pb2.EvalConfig) -> dict[str, config_pb2.MetricConfig]:
    return {_name(metric): metric for spec in config.metrics_specs for metric in spec.metrics}


def _name(metric: config_pb2.MetricConfig) -> str:
    """The name that a metric has in the report: as it is configured, or as Keras makes it of the class's."""
    configured = json.loads(metric.config).get("name") if metric.config else None
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", metric.class_name)
    return str(configured or re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower())


def _labels(key: str, config: config_pb2.EvalConfig, evaluation: Evaluation) -> Any:
    """Read the label of every example that is evaluated; refuse features that are not there."""
    features: set[str] = set()
    columns = []
    rows = 0
    for batch in evaluation.batches():
        rows += batch.num_rows
        features.update(batch.schema.names)
        if key in batch.schema.names:
            column = batch.column(batch.schema.names.index(key))
            columns.append(column.flatten().to_numpy(zero_copy_only=False))
    known_feature("label", key, features)
    known_slices((spec.feature_keys for spec in config.slicing_specs), features)
    labels = np.concatenate(columns)
    if len(labels) != rows:
        raise StepFailed(
            f"the label '{key}' has {len(labels)} values in {rows} examples of split '{evaluation.split}'",
            "each example that a model is measured on needs one",
        )
    return labels


def _refuse_constant(labels: Any, config: config_pb2.EvalConfig, split: str) -> None:
    """Refuse a curve over labels that are all the same: TFMA would give it the value 0."""
    curves = [name for name, metric in _by_name(config).items() if CURVE in metric.class_name]
    if curves and len(labels) and (labels == labels[0]).all():
        raise StepFailed(
            f"the label '{config.model_specs[0].label_key}' is {labels[0]} in all examples of split '{split}',"
            f" so that '{curves[0]}' has no value",
            "measure on examples of several values, or name the metrics",
        )


def _problem(labels: Any, signatures: Any) -> str:
    if SIGNATURE not in signatures:
        listed = ", ".join(f"'{name}'" for name in signatures)
        raise StepFailed(f"the model has no signature '{SIGNATURE}', only {listed}", "save the model with one")
    outputs = signatures[SIGNATURE].outputs
    widths = [(tf.TensorShape(output.tensor_shape).as_list() or [None])[-1] for output in outputs.values()]
    if any(width is not None and width > 1 for width in widths):
        return "multi-class"
    if labels.dtype.kind not in "iuf" or set(np.unique(labels)) <= {0, 1}:
        return "binary"
    return "regression"
