"""What StandardPreprocess costs over 30 numeric features; baseline, one TensorFlow Transform analyzer a feature.

Both run TFX's Transform on scikit-learn's breast cancer table in a process of their own, and only the Transform is
measured. The baseline computes statistics, as Transform does unless it is told otherwise. Both must give the same numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import ENVIRONMENT, show

LABEL = "target"


def main() -> None:
    """Measure both and print them."""
    seconds = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("separate", "standard"):
            folder = Path(scratch, name)
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.preprocess", name, str(folder)]
            shown = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
            seconds[name] = float(shown.stdout.splitlines()[-1])
        difference = _difference(Path(scratch))
    show(
        f"preprocessing 30 numeric features (CPU seconds; greatest difference of a result {difference:.1e})",
        ("", "seconds", "x separate analyzers"),
        [(name, took, took / seconds["separate"]) for name, took in seconds.items()],
    )


def separate(inputs: dict[str, Any]) -> dict[str, Any]:
    """Scale each feature by an analyzer of its own, as the preprocessing functions of tutorials do."""
    import tensorflow_transform as tft

    return {name: values if name == LABEL else tft.scale_to_z_score(values) for name, values in inputs.items()}


def standard(inputs: dict[str, Any]) -> dict[str, Any]:
    """Scale all features as StandardPreprocess does."""
    from zenrepo.steps import StandardPreprocess

    return StandardPreprocess(label=LABEL).preprocessing_fn(inputs)


def measured(name: str, folder: Path) -> float:
    """Run TFX's Transform.

    Args:
        name: of the preprocessing function in this module.
        folder: for the artifacts.

    Returns:
        CPU seconds.
    """
    from tfx.components.transform.executor import Executor
    from tfx.types import standard_artifacts

    inputs = _inputs(folder)
    outputs = {
        "transform_graph": [_artifact(standard_artifacts.TransformGraph, folder / "graph")],
        "transformed_examples": [_artifact(standard_artifacts.Examples, folder / "transformed")],
    }
    properties = {
        "preprocessing_fn": f"benchmarks.preprocess.{name}",
        "custom_config": "null",
        "disable_statistics": int(name == "standard"),
    }
    begun = os.times()
    Executor(_context(Executor, folder)).Do(inputs, outputs, properties)
    ended = os.times()
    return sum(ended[:4]) - sum(begun[:4])


def _inputs(folder: Path) -> dict[str, Any]:
    """Write the table as examples, and infer their schema."""
    import pyarrow as pa
    from sklearn.datasets import load_breast_cancer
    from tfx.components.schema_gen.executor import Executor as SchemaGen
    from tfx.components.statistics_gen.executor import Executor as StatisticsGen
    from tfx.types import standard_artifacts

    from zenrepo.runner import records

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
    SchemaGen(_context(SchemaGen, folder)).Do(
        {"statistics": statistics}, {"schema": schema}, {"infer_feature_shape": 1}
    )
    return {"examples": [examples], "schema": schema}


def _artifact(kind: Any, folder: Path) -> Any:
    folder.mkdir(parents=True)
    artifact = kind()
    artifact.uri = str(folder)
    return artifact


def _context(executor: Any, folder: Path) -> Any:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner
    from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor

    common = {"tmp_dir": str(folder / "temporary"), "unique_id": "1"}
    if not issubclass(executor, BaseBeamExecutor):
        return executor.Context(**common)
    return executor.Context(
        make_beam_pipeline_fn=lambda: beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])), **common
    )


def _difference(scratch: Path) -> float:
    """Say by how much the two at most differ in a number."""
    found = [
        json.loads((scratch / name / "found.json").read_text(encoding="utf-8")) for name in ("separate", "standard")
    ]
    return max(abs(one - two) for name in found[0] for one, two in zip(found[0][name], found[1][name], strict=True))


def _transformed(folder: Path) -> dict[str, list[float]]:
    """Read the transformed training examples, each feature in the order of its values."""
    from zenrepo.runner import records

    batches = [records.decode(batch) for batch in records.read_serialized(folder / "transformed" / "Split-train")]
    names = batches[0].schema.names
    return {n: sorted(v for b in batches for v in b.column(names.index(n)).flatten().to_pylist()) for n in names}


if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2])
    sys.argv[1:] = []  # Beam reads the arguments of the process
    took = measured(kind, place)
    (place / "found.json").write_text(json.dumps(_transformed(place)), encoding="utf-8")
    print(took)
