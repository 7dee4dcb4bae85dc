"""SequencerStep: the rows of each split become sequences, each split by itself."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.transforms.window import GlobalWindows

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records, sequences
from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing import passes
from zenrepo.runner.performing.work import Work
from zenrepo.steps import progress
from zenrepo.steps.interfaces.sequencer import SequencerStep

PREFIX = "sequences"


def sequence(work: Work) -> None:
    """Make sequences of every split.

    Args:
        work: with a SequencerStep.

    Raises:
        StepFailed: if a split has no sequences.
    """
    step = work.step
    assert isinstance(step, SequencerStep)
    source, target = work.input("rows"), work.output("examples")
    splits = records.splits_of(source)
    records.describe(target, splits)
    passes.require_columns(work, step.get_columns(), passes.files_of(source))
    rows: dict[str, int] = {}
    counted: Counter[str] = Counter()
    for split in splits:
        folder = records.split_folder(target, split)
        read = passes.ReadBatches(
            records.files_of(records.split_folder(source, split)), rows_of(source, split), f"rows of {split} read"
        )
        rows[split], found = _make(work, step, read, folder, f"sequences of {split}")
        counted.update(found)
        if not rows[split]:
            said = ", ".join(f"{name} {number}" for name, number in found.items())
            raise StepFailed(
                f"split '{split}' has no sequences{f' ({said})' if said else ''}",
                "make the sequences shorter, or the split larger, with whole series or stretches of time in it",
            )
    work.facts.update(rows=sum(rows.values()), splits=rows, **counted)


def _make(
    work: Work, step: SequencerStep, read: beam.PTransform, folder: Path, unit: str
) -> tuple[int, dict[str, int]]:
    """Make the sequences of one split.

    Returns:
        How many there are, and what the step counted.
    """
    write = _Write(str(folder), step.get_context(), step.get_timeline(), unit)
    shards, counted = passes.collect(
        work, lambda pipeline: pipeline | read | "sequence" >> step.sequence() | "write" >> beam.ParDo(write)
    )
    for index, (_, name, _) in enumerate(sorted(shards)):
        (folder / name).rename(folder / records.shard_name(PREFIX, index, len(shards)))
    for leftover in folder.glob("*.part"):  # of a worker that was lost, and whose work another did
        leftover.unlink()
    return sum(rows for _, _, rows in shards), counted


class _Write(beam.DoFn):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Writes all batches of one bundle into one file.

    Args:
        folder: of the split.
        context: the columns that become no feature lists.
        timeline: the columns that become feature lists alone.
        unit: what the sequences of this split are called.
    """

    def __init__(self, folder: str, context: list[str], timeline: list[str], unit: str) -> None:
        self._folder, self._context, self._timeline, self._unit = Path(folder), context, timeline, unit

    def start_bundle(self) -> None:
        """Begin; the file is opened for the first batch."""
        self._writer: records.ShardWriter | None = None

    def process(self, batch: pa.RecordBatch) -> Iterator[Any]:
        """Write a batch."""
        if not isinstance(batch, pa.RecordBatch):
            raise StepFailed(
                f"sequence yields {type(batch).__name__}, not pyarrow.RecordBatch",
                "yield pyarrow.RecordBatch.from_pydict({column: [[1.0, 2.0], …], …})",
            )
        try:
            self._put(sequences.encode(batch, self._context, self._timeline))
        except BaseException:
            self._close()
            raise
        return iter(())

    def _put(self, serialized: list[bytes]) -> None:
        if not serialized:
            return
        if self._writer is None:
            self._path = self._folder / f"{uuid.uuid4().hex}.part"
            self._writer = records.ShardWriter(self._path)
        self._writer.write_serialized(serialized)
        progress.advance(len(serialized), None, self._unit)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.__exit__(None, None, None)

    def finish_bundle(self) -> Iterator[Any]:
        """Close the file, and say what it holds."""
        self._close()
        if self._writer is not None:
            made = (_digest(self._path), self._path.name, self._writer.rows)
            yield GlobalWindows.windowed_value(made)


def _digest(file: Path) -> str:
    """Digest a file, so that the files of a split are named in an order that follows from what is in them."""
    sha = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()
