"""TrainerStep, on TFX's Trainer."""

from __future__ import annotations

import json
from pathlib import Path

from tfx.components.trainer.executor import GenericExecutor

from zenrepo.runner import records, user_code
from zenrepo.runner.work import Work
from zenrepo.steps.interfaces.trainer import TEST_RESULTS

SPLITS = ("train", "eval")
PREFIX = "Split-"


def train(work: Work) -> None:
    """Train on the split ``train``, with ``eval`` to validate on.

    Args:
        work: with a TrainerStep.

    Raises:
        StepFailed: if there is no such split.
    """
    records.require_splits(work.input("transformed_examples"), *SPLITS)
    results = work.output(TEST_RESULTS)
    properties = {
        "run_fn": f"{user_code.__name__}.{user_code.run_fn.__name__}",
        "custom_config": json.dumps(work.config | {TEST_RESULTS: results.uri}),
        "train_args": json.dumps({"splits": [SPLITS[0]]}),
        "eval_args": json.dumps({"splits": [SPLITS[1]]}),
    }
    inputs = {
        "examples": work.inputs["transformed_examples"],
        "transform_graph": work.inputs["transform_graph"],
        "schema": work.inputs["schema"],
    }
    work.train(lambda: work.run_tfx(GenericExecutor, properties, inputs))
    records.describe(results, _tested(Path(results.uri)))


def _tested(folder: Path) -> list[str]:
    """Name the splits that there are test results of."""
    return sorted(split.name.removeprefix(PREFIX) for split in folder.glob(f"{PREFIX}*") if split.is_dir())
