"""Completes an evaluation config: which metrics measure a model, when the step leaves that open.

The rule: a model whose output has several columns classifies among as many classes; one whose labels are all 0 or 1
classifies between two; any other is a regression.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.saved_model import loader_impl
from tensorflow_model_analysis.proto import config_pb2
from tfx.utils import path_utils

from zenrepo.errors import StepFailed, did_you_mean
from zenrepo.runner import records
from zenrepo.runner.work import Work

DEFAULTS = {
    "binary": ["BinaryAccuracy", "AUC", "Precision", "Recall", "BinaryCrossentropy"],
    "multi-class": ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"],
    "regression": ["MeanSquaredError", "MeanAbsoluteError"],
}
SIGNATURE = "serving_default"


def complete(config: config_pb2.EvalConfig, work: Work) -> None:
    """Fill in what the step left open: the model, the metrics, the label's coding.

    Args:
        config: the step's config, changed in place. Its label key is checked against the examples.
        work: the evaluation.

    Raises:
        StepFailed: if the examples have no such label, or a threshold is for a metric that is not measured.
    """
    if not config.model_specs:
        config.model_specs.add()
    for spec in config.model_specs:
        spec.signature_name = spec.signature_name or SIGNATURE
        labels = _labels(spec.label_key, work)
        if labels.dtype.kind not in "iuf":
            spec.preprocessing_function_names.append("transform_features")
    if not any(spec.metrics for spec in config.metrics_specs):
        metrics = config.metrics_specs[0] if config.metrics_specs else config.metrics_specs.add()
        for name in DEFAULTS[_problem(labels, work)]:
            metrics.metrics.add(class_name=name)
    _place_thresholds(config)
    if not config.slicing_specs:
        config.slicing_specs.add()
    work.facts["examples"] = len(labels)


def _place_thresholds(config: config_pb2.EvalConfig) -> None:
    """Move each threshold to its metric: TFMA looks for a threshold of the whole config in the model's own metrics."""
    metrics = {_name(metric): metric for spec in config.metrics_specs for metric in spec.metrics}
    for spec in config.metrics_specs:
        for name, threshold in spec.thresholds.items():
            if name not in metrics:
                raise StepFailed(
                    f"there is a threshold for the metric '{name}', which is not measured",
                    did_you_mean(name, metrics) or f"measured are {', '.join(sorted(metrics))}",
                )
            metrics[name].threshold.CopyFrom(threshold)
        spec.thresholds.clear()


def _name(metric: config_pb2.MetricConfig) -> str:
    """The name that a metric has in the report: as it is configured, or as Keras makes it of the class's."""
    configured = json.loads(metric.config).get("name") if metric.config else None
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", metric.class_name)
    return str(configured or re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower())


def _labels(key: str, work: Work) -> Any:
    """Read the label of every example that is evaluated."""
    examples = work.input("examples")
    columns = []
    for batch in records.read_serialized(records.split_folder(examples, "eval")):
        decoded = records.decode(batch)
        if key not in decoded.schema.names:
            raise StepFailed(
                f"there is no label '{key}' in the examples",
                did_you_mean(key, decoded.schema.names) or f"there are {', '.join(decoded.schema.names)}",
            )
        columns.append(decoded.column(decoded.schema.names.index(key)).flatten().to_numpy(zero_copy_only=False))
    return np.concatenate(columns)


def _problem(labels: Any, work: Work) -> str:
    model = loader_impl.parse_saved_model(path_utils.serving_model_path(work.input("model").uri))
    outputs = model.meta_graphs[0].signature_def[SIGNATURE].outputs
    widths = [tf.TensorShape(output.tensor_shape).as_list()[-1] for output in outputs.values()]
    if any(width is not None and width > 1 for width in widths):
        return "multi-class"
    if labels.dtype.kind not in "iuf" or set(np.unique(labels)) <= {0, 1}:
        return "binary"
    return "regression"
