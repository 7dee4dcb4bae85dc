"""Runs the executor of a step in the process of a test, on files of examples that it writes first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from zenrepo.errors import StepFailed
from zenrepo.steps.base import BaseStep

Rows = dict[str, list[Any]]


def examples(folder: Path, **splits: list[Rows]) -> Any:
    """Write examples.

    Args:
        folder: where to.
        splits: by name, for each file a table: the values of each column, ``None`` for a missing one.

    Returns:
        The artifact.
    """
    import pyarrow as pa
    from tfx.types import standard_artifacts

    from zenrepo.runner.artifacts import records

    artifact = standard_artifacts.Examples()
    artifact.uri = str(folder)
    for split, tables in splits.items():
        for number, table in enumerate(tables):
            file = records.split_folder(_named(artifact, list(splits)), split) / f"{number:05d}.gz"
            with records.ShardWriter(file) as writer:
                writer.write(pa.RecordBatch.from_pydict(table))
    return artifact


def _named(artifact: Any, splits: list[str]) -> Any:
    from zenrepo.runner.artifacts import records

    records.describe(artifact, splits)
    return artifact


def perform(
    execute: Callable[[Any], None], step: BaseStep, folder: Path, source: Any, names: tuple[str, str]
) -> tuple[dict[str, Any], Any]:
    """Run an executor.

    Args:
        execute: the executor.
        step: the step.
        folder: where to.
        source: the artifact that the step takes.
        names: of the input and the output of its component.

    Returns:
        What the run reports, and the artifact that the step made.

    Raises:
        StepFailed: with the words that a user reads, whatever the executor raised.
    """
    from tfx.types import standard_artifacts

    from zenrepo.runner.performing import step_load
    from zenrepo.runner.performing.failure import describe
    from zenrepo.runner.performing.work import Work

    made = standard_artifacts.Examples()
    made.uri = str(folder / "made")
    config = {"name": "step", "type": step.step_type(), "args": step.args}
    step_load._made[json.dumps(config, sort_keys=True)] = step
    info = SimpleNamespace(tmp_dir=str(folder / "tmp"))
    work = Work("step", step, config, info, {names[0]: [source]}, {names[1]: [made]}, {})
    try:
        execute(work)
    except Exception as error:
        said = describe(error, "step", [])
        raise StepFailed(said["message"], said["hint"]) from error
    return {**work.facts, **step.facts}, made


def read(artifact: Any, split: str) -> list[Any]:
    """Read the examples of a split back, in order, as ``tf.Example``."""
    import tensorflow as tf

    from zenrepo.runner.artifacts import records

    folder = records.split_folder(artifact, split)
    return [tf.train.Example.FromString(one) for batch in records.read_serialized(folder) for one in batch]
