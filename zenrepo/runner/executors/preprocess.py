"""PreprocessStep, on TFX's Transform."""

from __future__ import annotations

import json

import tensorflow_transform as tft
from tfx.components.transform.executor import Executor

from zenrepo.runner import records, user_code
from zenrepo.runner.work import Work


def preprocess(work: Work) -> None:
    """Analyze the split ``train`` and transform every split.

    Args:
        work: with a PreprocessStep.

    Raises:
        StepFailed: if there is no split ``train``.
    """
    records.require_splits(work.input("examples"), "train")
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
