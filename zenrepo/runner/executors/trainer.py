"""TrainerStep, on TFX's Trainer."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from tfx.components.trainer.executor import GenericExecutor
from tfx.types.artifact import Artifact

from zenrepo.runner.artifacts import records
from zenrepo.runner.performing import user_code
from zenrepo.runner.performing.work import Work
from zenrepo.steps.interfaces.trainer import CHECKPOINTS, TEST_RESULTS, TESTED

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
    checkpoints = _checkpoints(work)
    folders = {TEST_RESULTS: results.uri, TESTED: _to_test(work), CHECKPOINTS: str(checkpoints)}
    properties = {
        "run_fn": f"{user_code.__name__}.{user_code.run_fn.__name__}",
        "custom_config": json.dumps(work.config | folders),
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
    shutil.rmtree(checkpoints, ignore_errors=True)


def _to_test(work: Work) -> dict[str, dict[str, list[str]]]:
    """Say where the examples to test on are: transformed, and raw where no step came after the preprocess step.

    A model that is tested on raw examples is tested through the transform that it is served with, and its test results
    keep features as they are in the data.
    """
    transformed, graph = work.input("transformed_examples"), work.input("transform_graph")
    raw = work.inputs.get("examples", [])
    together = [Path(a.uri).parent.parent / Path(a.uri).name for a in (transformed, graph)]
    found = {}
    for split in records.splits_of(transformed):
        if split != SPLITS[0]:
            found[split] = {"transformed": [_pattern(transformed, split)]}
            if raw and together[0] == together[1] and split in records.splits_of(raw[0]):
                found[split]["raw"] = [_pattern(raw[0], split)]
    return found


def _pattern(examples: Artifact, split: str) -> str:
    return str(records.split_folder(examples, split) / "*.gz")


def _checkpoints(work: Work) -> Path:
    """Name a folder for this step, its code, its arguments and its examples, which another run finds again."""
    known = {name: work.info.exec_properties.get(name) for name in ("step_type", "code_digest", "args", "inputs")}
    inputs = {name: [artifact.uri for artifact in artifacts] for name, artifacts in work.inputs.items()}
    key = hashlib.sha256(json.dumps([known, inputs], sort_keys=True).encode()).hexdigest()
    return Path(work.output("model").uri).parents[3] / ".checkpoints" / key[:32]


def _tested(folder: Path) -> list[str]:
    """Name the splits that there are test results of."""
    return sorted(split.name.removeprefix(PREFIX) for split in folder.glob(f"{PREFIX}*") if split.is_dir())
