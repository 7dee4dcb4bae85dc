"""SplitStep: each example goes, as it is, to the split that the step says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records
from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing import passes
from zenrepo.runner.performing.step_load import step_of
from zenrepo.runner.performing.work import Work
from zenrepo.steps import progress
from zenrepo.steps.interfaces.split import SplitStep

PREFIX = "examples"
LEFT_OUT = -1
LOOKED_AT = "rows looked at"
"""What a pass over the data counts, before the one that divides it."""


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
    files, target = passes.files_of(work.input("data")), work.output("examples")
    records.describe(target, names)
    passes.require_columns(work, step.get_columns(), files)
    step.analysis = _analyze(work, step, files)
    folders = [str(records.split_folder(target, name)) for name in names]
    divide = _Divide(work.config, step.analysis, folders, rows_of(work.input("data")))
    shards, counted = passes.collect(
        work, lambda pipeline: pipeline | beam.Create(list(enumerate(files))) | beam.ParDo(divide)
    )
    rows = {name: _settle(folder, shards) for name, folder in zip(names, folders, strict=True)}
    left_out = sum(count for folder, _, count in shards if not folder)
    _refuse_empty(step, rows, left_out)
    work.facts.update(rows=sum(rows.values()), splits=rows, **counted, **({"left_out": left_out} if left_out else {}))


def _analyze(work: Work, step: SplitStep, files: list[str]) -> Any:
    """Run the passes that the step wants before it divides anything."""
    wanted = step.analyze()
    if wanted is None:
        return None
    try:
        transform = next(wanted)
        while True:
            transform = wanted.send(_one_element(work, transform, files))
    except StopIteration as end:
        return end.value


def _one_element(work: Work, transform: beam.PTransform, files: list[str]) -> Any:
    total = rows_of(work.input("data"))
    progress.report(0, total, LOOKED_AT)
    found, _ = passes.collect(
        work, lambda pipeline: pipeline | passes.ReadBatches(files, total, LOOKED_AT) | "analyze" >> transform
    )
    if len(found) != 1:
        raise StepFailed(
            f"a transform of analyze makes {len(found)} elements, not one", "end it with beam.CombineGlobally(…)"
        )
    return found[0]


class _Divide(beam.DoFn):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Writes the examples of one file into one file of each split, so that how files fall to workers changes nothing.

    Args:
        config: what the step is made again from.
        analysis: what the step found out.
        folders: of the splits.
        total: how many examples there are; ``None`` where nobody has counted them.
    """

    def __init__(self, config: dict[str, Any], analysis: Any, folders: list[str], total: int | None) -> None:
        self._config, self._analysis, self._folders, self._total = config, analysis, folders, total

    def setup(self) -> None:
        """Make the step, as it was after its analysis."""
        step = step_of(self._config)
        assert isinstance(step, SplitStep)
        step.analysis = self._analysis
        self._step = step

    def process(self, numbered: tuple[int, str]) -> Iterator[tuple[str, str, int]]:
        """Divide a file.

        Args:
            numbered: its place among the files, and its path.

        Yields:
            By split: its folder, the file there, how many examples it has; for those left out no folder.
        """
        place, file = numbered
        name = f"{place:08d}-{uuid.uuid4().hex}.part"
        left_out = 0
        with ExitStack() as stack:
            writers: dict[int, records.ShardWriter] = {}
            for examples in passes.read_file(file):
                parts = _partition(self._step, examples, len(self._folders))
                progress.advance(len(examples), self._total)
                for index in np.unique(parts).tolist():
                    chosen = examples[parts == index]
                    if index == LEFT_OUT:
                        left_out += len(chosen)
                        continue
                    if index not in writers:
                        path = Path(self._folders[index], name)
                        writers[index] = stack.enter_context(records.ShardWriter(path))
                    writers[index].write_serialized(chosen)
        yield "", "", left_out
        for index, writer in writers.items():
            yield self._folders[index], name, writer.rows


def _partition(step: SplitStep, examples: Any, count: int) -> np.ndarray[Any, Any]:
    """Ask the step for the split of each example, and check what it says."""
    parts = np.asarray(step.partition_fn(records.decode(examples)))
    if parts.shape != (len(examples),):
        raise StepFailed(
            f"partition_fn gave an array of shape {parts.shape} for {len(examples)} examples",
            "give one index for each example",
        )
    if not np.issubdtype(parts.dtype, np.integer):
        raise StepFailed(f"partition_fn gave an array of {parts.dtype}", _indices(count))
    wrong = parts[(parts < LEFT_OUT) | (parts >= count)]
    if len(wrong):
        raise StepFailed(f"partition_fn gave {wrong[0]}, which is no split", _indices(count))
    return parts


def _indices(count: int) -> str:
    return f"give integers from 0 to {count - 1}, one for each split name, or {LEFT_OUT} for what is left out"


def _settle(folder: str, shards: list[tuple[str, str, int]]) -> int:
    """Name the files of a split as TFX does, in the order of the files that they came from; remove all others.

    Returns:
        How many examples they hold.
    """
    ours = sorted((name, rows) for place, name, rows in shards if place == folder)
    for index, (name, _) in enumerate(ours):
        Path(folder, name).rename(Path(folder, records.shard_name(PREFIX, index, len(ours))))
    for leftover in Path(folder).glob("*.part"):  # of a worker that was lost, and whose work another did
        leftover.unlink()
    return sum(rows for _, rows in ours)


def _refuse_empty(step: SplitStep, rows: dict[str, int], left_out: int) -> None:
    empty = [name for name, count in rows.items() if not count]
    if empty:
        total = sum(rows.values()) + left_out
        but = f", {left_out} of them left out" if left_out else ""
        raise StepFailed(f"split '{empty[0]}' has no examples, of {total} in all{but}", step.hint_for_empty(empty[0]))
