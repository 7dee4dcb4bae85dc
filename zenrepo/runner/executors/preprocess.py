"""PreprocessStep, on TFX's Transform."""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.schema_gen.executor import DEFAULT_FILE_NAME
from tfx.components.transform.executor import Executor
from tfx.types.artifact import Artifact

from zenrepo.runner.artifacts import records
from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing import user_code
from zenrepo.runner.performing.rows_read import count_rows_read
from zenrepo.runner.performing.work import Work
from zenrepo.steps.interfaces.preprocess import PreprocessStep
from zenrepo.steps.preprocess.schema import many_valued


def preprocess(work: Work) -> None:
    """Analyze the split ``train`` and transform every split.

    Args:
        work: with a PreprocessStep.

    Raises:
        StepFailed: if there is no split ``train``.
    """
    records.require_splits(work.input("examples"), "train")
    step = work.step
    assert isinstance(step, PreprocessStep)
    # Between two phases of analysis Transform copies what reads its input, with a call that newer Beams refuse.
    tft_beam.Context.get_use_deep_copy_optimization = classmethod(lambda _: False)
    count_rows_read(_rows_to_read(work.input("examples")))
    step.many_valued = many_valued(_schema(Path(work.input("schema").uri, DEFAULT_FILE_NAME)))
    work.run_tfx(
        Executor,
        {
            "preprocessing_fn": f"{user_code.__name__}.{user_code.preprocessing_fn.__name__}",
            "custom_config": json.dumps(work.config),
            "disable_statistics": 1,  # they take longer than the transform, and the split's have been computed
        },
    )
    splits = records.splits_of(work.input("examples"))
    records.describe(work.output("transformed_examples"), splits)
    graph = tft.TFTransformOutput(work.output("transform_graph").uri)
    work.facts.update(features=len(graph.transformed_metadata.schema.feature))


def _rows_to_read(examples: Artifact) -> int | None:
    """Count the rows that Transform reads: those that it analyzes, and then all."""
    analyzed, transformed = rows_of(examples, "train"), rows_of(examples)
    return None if analyzed is None or transformed is None else analyzed + transformed


def _schema(file: Path) -> schema_pb2.Schema:
    return text_format.Parse(file.read_text(encoding="utf-8"), schema_pb2.Schema())
