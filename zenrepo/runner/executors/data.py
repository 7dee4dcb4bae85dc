"""DataStep: what the user's transform yields becomes files of examples."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.runner import records
from zenrepo.runner.work import Work
from zenrepo.steps.interfaces.data import DataStep

SPLIT = "data"
PREFIX = "data_tfrecord"
SHOWN = 50
"""The most columns whose types are reported one by one; of more, the report says how many have which."""


def ingest(work: Work) -> None:
    """Read the source and write it as one split named ``data``.

    Args:
        work: with a DataStep.

    Raises:
        StepFailed: if the source has no rows.
    """
    step = work.step
    assert isinstance(step, DataStep)
    artifact = work.output("examples")
    records.describe(artifact, [SPLIT])
    folder = records.split_folder(artifact, SPLIT)
    source = step.read_from_source()
    with work.pipeline() as pipeline:
        _ = pipeline | "read" >> source | "write" >> beam.ParDo(_WriteShards(str(folder)))
    rows, types = _settle(folder)
    if not rows:
        raise StepFailed("the source has no rows", "an empty data set cannot be split or trained on")
    work.facts.update(rows=rows, types=types if len(types) <= SHOWN else dict(Counter(types.values())))


class _WriteShards(beam.DoFn):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Writes all batches of one bundle into one file, so that a worker's cost is a file's, not a row's."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def start_bundle(self) -> None:
        """Begin; the file is opened for the first batch."""
        self._writer: records.ShardWriter | None = None
        self._types: dict[str, str] = {}

    def process(self, batch: pa.RecordBatch) -> Iterator[Any]:
        """Write a batch."""
        if not isinstance(batch, pa.RecordBatch):
            raise StepFailed(
                f"read_from_source yields {type(batch).__name__}, not pyarrow.RecordBatch",
                "yield pyarrow.RecordBatch.from_pydict({column: values, …})",
            )
        if self._writer is None:
            self._path = self._folder / f"{uuid.uuid4().hex}.part"
            self._writer = records.ShardWriter(self._path)
        self._writer.write(batch)
        self._types |= {field.name: records.feature_type(field.type) for field in batch.schema}
        return iter(())

    def finish_bundle(self) -> None:
        """Close the file, and say beside it what it holds."""
        if self._writer is not None:
            self._writer.__exit__(None, None, None)
            said = {"rows": self._writer.rows, "types": self._types}
            self._path.with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")


def _settle(folder: Path) -> tuple[int, dict[str, str]]:
    """Name the files as TFX does, in an order that is the same whenever their content is."""
    rows = 0
    types: dict[str, str] = {}
    shards = sorted(folder.glob("*.part"), key=_digest)
    for index, shard in enumerate(shards):
        said = shard.with_suffix(".json")
        data = json.loads(said.read_text(encoding="utf-8"))
        rows += data["rows"]
        types |= data["types"]
        said.unlink()
        shard.rename(folder / records.shard_name(PREFIX, index, len(shards)))
    return rows, types


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        sha = hashlib.sha256()
        while block := stream.read(1 << 20):
            sha.update(block)
        return sha.hexdigest()
