"""SplitStep: each example goes, as it is, to the split that the step says."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from zenrepo.errors import StepFailed
from zenrepo.runner import records
from zenrepo.runner.work import Work
from zenrepo.steps.interfaces.split import SplitStep

PREFIX = "examples"


def split(work: Work) -> None:
    """Divide the examples among the step's splits.

    Args:
        work: with a SplitStep.

    Raises:
        StepFailed: if a split cannot be named so or stays empty, or the step names a split that it does not have.
    """
    step = work.step
    assert isinstance(step, SplitStep)
    names = step.get_split_names()
    if not names:
        raise StepFailed("get_split_names named no split", "name 'train' and 'eval'")
    records.check_split_names(names)
    source, target = work.input("data"), work.output("examples")
    records.describe(target, names)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                records.ShardWriter(records.split_folder(target, name) / records.shard_name(PREFIX, 0, 1))
            )
            for name in names
        ]
        for one in records.splits_of(source):
            for examples in records.read_serialized(records.split_folder(source, one)):
                parts = _partition(step, examples, len(names))
                for index, writer in enumerate(writers):
                    writer.write_serialized(examples[parts == index])
    rows = {name: writer.rows for name, writer in zip(names, writers, strict=True)}
    _refuse_empty(rows)
    work.facts.update(rows=sum(rows.values()), splits=rows)


def _partition(step: SplitStep, examples: Any, count: int) -> np.ndarray[Any, Any]:
    """Ask the step for the split of each example, and check what it says."""
    parts = np.asarray(step.partition_fn(records.decode(examples)))
    if parts.shape != (len(examples),):
        raise StepFailed(
            f"partition_fn gave an array of shape {parts.shape} for {len(examples)} examples",
            "give one index for each example",
        )
    if not np.issubdtype(parts.dtype, np.integer) or parts.min() < 0 or parts.max() >= count:
        raise StepFailed(
            f"partition_fn gave {parts[(parts < 0) | (parts >= count)][:1] or parts.dtype}, which is no split",
            f"give integers from 0 to {count - 1}, one for each split name",
        )
    return parts


def _refuse_empty(rows: dict[str, int]) -> None:
    empty = [name for name, count in rows.items() if not count]
    if empty:
        raise StepFailed(
            f"split '{empty[0]}' has no examples, of {sum(rows.values())} in all",
            "give the split a larger share, or bring in more data",
        )
