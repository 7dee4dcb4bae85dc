"""Has Beam read what a DataStep yields, on the processing backend of the step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam

from zenrepo.runner.executors.data import Shards
from zenrepo.runner.performing.work import Work


def write(work: Work, source: beam.PTransform, folder: Path) -> None:
    """Write the batches of a transform.

    Args:
        work: of the step.
        source: the transform.
        folder: of the split.
    """
    with work.pipeline() as pipeline:
        _ = pipeline | "read" >> source | "write" >> beam.ParDo(_WriteShards(str(folder)))


class _WriteShards(beam.DoFn):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Writes the batches of a bundle."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def start_bundle(self) -> None:
        """Begin; a file is opened for the first batch."""
        self._shards = Shards(Path(self._folder))

    def process(self, batch: Any) -> Iterator[Any]:
        """Write a batch."""
        self._shards.write(batch)
        return iter(())

    def finish_bundle(self) -> None:
        """Close the file."""
        self._shards.finish()
