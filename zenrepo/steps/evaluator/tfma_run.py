"""Measures SavedModels with TensorFlow Model Analysis.

This module imports it and Beam; only methods of steps that run import this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_model_analysis.api import model_eval_lib as tfma
from tensorflow_model_analysis.constants import ARROW_INPUT_COLUMN, BASELINE_KEY, CANDIDATE_KEY
from tensorflow_model_analysis.proto import config_pb2
from tfx_bsl.tfxio import tf_example_record

from zenrepo.steps import progress
from zenrepo.steps.evaluator.tfma_config import complete
from zenrepo.steps.interfaces.evaluator import Evaluation

if TYPE_CHECKING:  # the step imports this module
    from zenrepo.steps.evaluator.tfma_evaluator import TFMAEvaluator


def measure(step: TFMAEvaluator, evaluation: Evaluation) -> dict[str, float]:
    """Measure a model, and the baseline with it where there is one.

    Args:
        step: says what to measure.
        evaluation: the models and the examples; slices, baseline and what TFMA finds unmet are reported to it.

    Returns:
        The metrics of all examples by name.
    """
    config = step.eval_config()
    step.facts["examples"] = complete(config, evaluation, step.thresholds)
    _name_models(config, has_baseline=bool(evaluation.baseline))
    _analyze(config, evaluation)
    found: dict[str, dict[str, float]] = {}
    for slice_, model, metrics in _measured(evaluation.report):
        if not slice_:
            found[model] = metrics
        elif model != BASELINE_KEY:
            evaluation.measure_slice(slice_, metrics)
    if evaluation.baseline:
        evaluation.baseline_metrics = found.get(BASELINE_KEY, {})
    evaluation.unmet += _unmet(config, evaluation.report)
    return found.get(CANDIDATE_KEY) or found.get("", {})


def _name_models(config: config_pb2.EvalConfig, *, has_baseline: bool) -> None:
    """Let the config speak of the models that there are: TFMA wants to be told of a baseline."""
    specs = [spec for spec in config.model_specs if not spec.is_baseline]
    del config.model_specs[1:]
    config.model_specs[0].CopyFrom(specs[0])
    config.model_specs[0].name = CANDIDATE_KEY if has_baseline else ""
    if has_baseline:
        config.model_specs.add().CopyFrom(specs[0])
        config.model_specs[1].name = BASELINE_KEY
        config.model_specs[1].is_baseline = True
    for metrics in config.metrics_specs:
        metrics.model_names[:] = [spec.name for spec in config.model_specs]
        for metric in metrics.metrics:
            if not has_baseline:
                metric.threshold.ClearField("change_threshold")
                if not metric.threshold.ByteSize():
                    metric.ClearField("threshold")


def _analyze(config: config_pb2.EvalConfig, evaluation: Evaluation) -> None:
    folders = [evaluation.model, evaluation.baseline] if evaluation.baseline else [evaluation.model]
    models = [
        tfma.default_eval_shared_model(folder, model_name=spec.name, eval_config=config)
        for folder, spec in zip(folders, config.model_specs, strict=True)
    ]
    source = tf_example_record.TFExampleRecord(
        evaluation.examples[evaluation.split],
        schema=_schema(evaluation.schema),
        raw_record_column_name=ARROW_INPUT_COLUMN,
        telemetry_descriptors=["zenrepo"],
    )
    make = evaluation.pipeline or (lambda: beam.Pipeline(FnApiRunner()))
    with make() as pipeline:
        examples = pipeline | "read" >> source.BeamSource() | "count" >> beam.Map(_count, evaluation.rows)
        _ = examples | "evaluate" >> tfma.ExtractEvaluateAndWriteResults(
            eval_shared_model=models if len(models) > 1 else models[0],
            eval_config=config,
            output_path=evaluation.report,
            # without it a batch in which no example has a value of a feature has slices of None, which TFMA fails on
            tensor_adapter_config=source.TensorAdapterConfig() if evaluation.schema else None,
        )


def _count(batch: pa.RecordBatch, total: int | None) -> pa.RecordBatch:
    """Say how many rows are read."""
    progress.advance(batch.num_rows, total, "rows read")
    return batch


def _schema(file: str) -> schema_pb2.Schema | None:
    if not file:
        return None
    with open(file, encoding="utf-8") as text:  # noqa: PTH123 - a short file
        return text_format.Parse(text.read(), schema_pb2.Schema())


def _measured(report: str) -> Iterator[tuple[dict[str, Any], str, dict[str, float]]]:
    """Give slice, model and metrics of all that was measured; the slice of all examples is empty."""
    for found in tfma.load_metrics(report):
        slice_ = {key.column: _value(key) for key in found.slice_key.single_slice_keys}
        by_model: dict[str, dict[str, float]] = {}
        for pair in found.metric_keys_and_values:
            if pair.value.WhichOneof("type") == "double_value" and not pair.key.is_diff:
                by_model.setdefault(pair.key.model_name, {})[_key(pair.key)] = pair.value.double_value.value
        for model, metrics in by_model.items():
            yield slice_, model, metrics


def _key(key: Any) -> str:
    """Name a metric; one of a single class has the class in its name."""
    if not key.HasField("sub_key"):
        return str(key.name)
    part = next(f"{name}_{value.value}" for name, value in ((f.name, v) for f, v in key.sub_key.ListFields()))
    return f"{key.name}@{part}"


def _value(key: Any) -> Any:
    value = getattr(key, key.WhichOneof("kind"))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _unmet(config: config_pb2.EvalConfig, report: str) -> list[str]:
    """Name the metrics whose thresholds in the config itself are not met."""
    metrics = [metric for spec in config.metrics_specs for metric in spec.metrics]
    if not any(m.HasField("threshold") or m.per_slice_thresholds or m.cross_slice_thresholds for m in metrics):
        return []
    result = tfma.load_validation_result(report)
    failures = [failure for found in result.metric_validations_per_slice for failure in found.failures]
    return sorted({f"{failure.metric_key.name} does not meet the config's threshold" for failure in failures})
