"""Reads CSV files in Beam.

This module imports Beam; only a method of CSVDataStep that runs imports it.
"""

from __future__ import annotations

import apache_beam as beam

from zenrepo.steps.data.csv_read import Found, read_part


class ReadCSV(beam.PTransform):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Yields the batches of CSV files.

    Args:
        found: the files.
    """

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found

    def expand(self, root: beam.pvalue.PBegin) -> beam.PCollection:
        """Read each part where a worker takes it."""
        found = self.found
        return root | beam.Create(found.parts) | beam.FlatMap(read_part, found.dialect, found.types)
