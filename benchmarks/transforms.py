"""``python -m benchmarks.transforms separate|standard FOLDER``: run TFX's Transform, and print its CPU seconds."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import tensorflow_transform as tft
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from sklearn.datasets import load_breast_cancer
from tfx.components.schema_gen.executor import Executor as SchemaGen
from tfx.components.statistics_gen.executor import Executor as StatisticsGen
from tfx.components.transform.executor import Executor as Transform
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from zenrepo.runner.artifacts import records
from zenrepo.steps import StandardPreprocess

LABEL = "target"


def separate(inputs: dict[str, Any]) -> dict[str, Any]:
    """Scale each feature by an analyzer of its own, as the preprocessing functions of tutorials do."""
    return {name: values if name == LABEL else tft.scale_to_z_score(values) for name, values in inputs.items()}


def standard(inputs: dict[str, Any]) -> dict[str, Any]:
    """Scale all features as StandardPreprocess does."""
    return StandardPreprocess(label=LABEL).preprocessing_fn(inputs)


def measured(name: str, folder: Path) -> float:
    """Run TFX's Transform.

    Args:
        name: of the preprocessing function in this module.
        folder: for the artifacts.

    Returns:
        CPU seconds.
    """
    inputs = _inputs(folder)
    outputs = {
        "transform_graph": [_artifact(standard_artifacts.TransformGraph, folder / "graph")],
        "transformed_examples": [_artifact(standard_artifacts.Examples, folder / "transformed")],
    }
    properties = {
        "preprocessing_fn": f"benchmarks.transforms.{name}",
        "custom_config": "null",
        "disable_statistics": int(name == "standard"),
    }
    begun = os.times()
    Transform(_context(Transform, folder)).Do(inputs, outputs, properties)
    ended = os.times()
    return sum(ended[:4]) - sum(begun[:4])


def _inputs(folder: Path) -> dict[str, Any]:
    """Write the table as examples, and infer their schema."""
    table = load_breast_cancer()
    columns = {name: pa.array(table.data[:, i]) for i, name in enumerate(table.feature_names)}
    batch = pa.RecordBatch.from_pydict({**columns, LABEL: pa.array(table.target)})
    examples = _artifact(standard_artifacts.Examples, folder / "examples")
    records.describe(examples, ["train", "eval"])
    for split in ("train", "eval"):
        with records.ShardWriter(records.split_folder(examples, split) / records.shard_name("data", 0, 1)) as writer:
            writer.write(batch)
    statistics = [_artifact(standard_artifacts.ExampleStatistics, folder / "statistics")]
    schema = [_artifact(standard_artifacts.Schema, folder / "schema")]
    StatisticsGen(_context(StatisticsGen, folder)).Do({"examples": [examples]}, {"statistics": statistics}, {})
    shapes = {"infer_feature_shape": 1}
    SchemaGen(_context(SchemaGen, folder)).Do({"statistics": statistics}, {"schema": schema}, shapes)
    return {"examples": [examples], "schema": schema}


def _artifact(kind: Any, folder: Path) -> Any:
    folder.mkdir(parents=True)
    artifact = kind()
    artifact.uri = str(folder)
    return artifact


def _context(executor: Any, folder: Path) -> Any:

    common = {"tmp_dir": str(folder / "temporary"), "unique_id": "1"}
    if not issubclass(executor, BaseBeamExecutor):
        return executor.Context(**common)
    return executor.Context(
        make_beam_pipeline_fn=lambda: beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])), **common
    )


def _transformed(folder: Path) -> dict[str, list[float]]:
    """Read the transformed training examples, each feature in the order of its values."""
    batches = [records.decode(batch) for batch in records.read_serialized(folder / "transformed" / "Split-train")]
    names = batches[0].schema.names
    return {n: sorted(v for b in batches for v in b.column(names.index(n)).flatten().to_pylist()) for n in names}


if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2])
    sys.argv[1:] = []  # Beam reads the arguments of the process
    took = measured(kind, place)
    (place / "found.json").write_text(json.dumps(_transformed(place)), encoding="utf-8")
    print(took)
