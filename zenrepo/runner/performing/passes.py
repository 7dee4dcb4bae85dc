"""Passes over files of examples: each is a Beam pipeline, which has a batch of a file in memory at a time."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import tensorflow as tf
from apache_beam.metrics.metric import MetricsFilter
from tfx.types.artifact import Artifact

from zenrepo.errors import StepFailed, did_you_mean
from zenrepo.runner.artifacts import records
from zenrepo.runner.performing.work import Work
from zenrepo.steps import progress
from zenrepo.steps.interfaces.counting import COUNTERS


class ReadBatches(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Reads files of examples, as batches of list columns, and says how many rows it has read.

    Args:
        files: their paths.
        total: how many rows they have; ``None`` where nobody has counted them.
        unit: what these rows are called.
    """

    def __init__(self, files: list[str], total: int | None = None, unit: str = "rows read") -> None:
        super().__init__()
        self._files, self._total, self._unit = files, total, unit

    def expand(self, root: beam.pvalue.PBegin) -> beam.PCollection:
        """Read each file where a worker takes it."""
        return root | beam.Create(self._files) | beam.FlatMap(_read_and_say, self._total, self._unit)


def _read_and_say(file: str, total: int | None, unit: str) -> Iterator[pa.RecordBatch]:
    for batch in read_batches(file):
        progress.advance(batch.num_rows, total, unit)
        yield batch


def read_file(file: str) -> Iterator[Any]:
    """Read a file of examples.

    Args:
        file: its path.

    Yields:
        Arrays of up to 8192 serialized examples.
    """
    yield from tf.data.TFRecordDataset([file], "GZIP").batch(records.BATCH).as_numpy_iterator()


def read_batches(file: str) -> Iterator[pa.RecordBatch]:
    """Read a file of examples, as batches of list columns."""
    for serialized in read_file(file):
        yield records.decode(serialized)


def files_of(artifact: Artifact) -> list[str]:
    """List the files of all splits of an Examples artifact."""
    splits = records.splits_of(artifact)
    return [file for split in splits for file in records.files_of(records.split_folder(artifact, split))]


def collect(work: Work, build: Callable[[beam.Pipeline], beam.PCollection]) -> tuple[list[Any], dict[str, int]]:
    """Run a pipeline and bring back what it makes.

    Args:
        work: whose processing backend it runs on.
        build: makes the pipeline and gives a collection that is small enough for memory.

    Returns:
        The elements of the collection, in no order, and what the code of steps counted.
    """
    file = Path(work.info.tmp_dir, "collected")
    file.parent.mkdir(parents=True, exist_ok=True)
    pipeline = work.pipeline()
    with pipeline:
        _ = build(pipeline) | "list" >> beam.combiners.ToList() | "bring back" >> beam.Map(_write, str(file))
    elements: list[Any] = pickle.loads(file.read_bytes())  # noqa: S301 (written by the pipeline)
    file.unlink()
    return elements, _counted(pipeline.result)


def _write(elements: list[Any], file: str) -> None:
    Path(file).write_bytes(pickle.dumps(elements))


def _counted(result: Any) -> dict[str, int]:
    counted: dict[str, int] = {}
    for counter in result.metrics().query(MetricsFilter().with_namespace(COUNTERS))["counters"]:
        name = counter.key.metric.name
        counted[name] = counted.get(name, 0) + counter.committed
    return dict(sorted(counted.items()))


def require_columns(work: Work, columns: list[str], files: list[str]) -> None:
    """Refuse columns that no example has a value in.

    The first batch nearly always has them all; only where it does not is everything looked at.

    Args:
        work: whose processing backend looks.
        columns: that are needed.
        files: of the examples.

    Raises:
        StepFailed: naming the first that is not there, and those near it.
    """
    first = next((batch for file in files for batch in read_batches(file)), None)
    if first is None or not set(columns) - _filled(first):
        return
    [names], _ = collect(
        work,
        lambda pipeline: (
            pipeline | ReadBatches(files) | beam.Map(_filled) | beam.CombineGlobally(lambda found: set().union(*found))
        ),
    )
    for column in columns:
        if column not in names:
            hint = did_you_mean(column, names) or f"the examples have {', '.join(sorted(names))}"
            raise StepFailed(f"there is no column '{column}' in the examples", hint)


def _filled(batch: pa.RecordBatch) -> set[str]:
    """The columns that have a value."""
    return {field.name for i, field in enumerate(batch.schema) if len(batch.column(i).flatten())}
