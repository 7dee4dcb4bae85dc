"""Counts the rows that TFX's own Beam pipelines read, so that those who follow a run see how far they are."""

from __future__ import annotations

import functools
from typing import Any

import apache_beam as beam
import pyarrow as pa
from tfx_bsl.tfxio.record_based_tfxio import RecordBasedTFXIO

from zenrepo.steps import progress

UNIT = "rows read"


def count_rows_read(total: int | None) -> None:
    """Have whatever reads examples in this process say how many rows it has read, from now on.

    The process is that of one step, and ends with it.

    Args:
        total: how many it will read; ``None`` where nobody knows.
    """
    source = RecordBasedTFXIO.BeamSource

    @functools.wraps(source)
    def counted(self: RecordBasedTFXIO, *args: Any, **kwargs: Any) -> beam.PTransform:
        return _Counted(source(self, *args, **kwargs), total)

    RecordBasedTFXIO.BeamSource = counted


class _Counted(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Yields what a source does, and counts it."""

    def __init__(self, source: beam.PTransform, total: int | None) -> None:
        super().__init__()
        self._source, self._total = source, total

    def expand(self, root: Any) -> beam.PCollection:
        return root | self._source | "count" >> beam.Map(_count, self._total)


def _count(batch: pa.RecordBatch, total: int | None) -> pa.RecordBatch:
    progress.advance(batch.num_rows, total, UNIT)
    return batch
