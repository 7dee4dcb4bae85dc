"""Beam pipelines on the processing backend of a step."""

from __future__ import annotations

import time
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from zenrepo.backends import ProcessingBackend
from zenrepo.runner.performing.stopwatch import Stopwatch


class TimedPipeline(beam.Pipeline):  # type: ignore[misc] # Beam has no types that mypy is shown
    """A pipeline that adds its seconds to a stopwatch.

    Args:
        backend: where it runs.
        stopwatch: of the step.
    """

    def __init__(self, backend: ProcessingBackend, stopwatch: Stopwatch) -> None:
        options = PipelineOptions.from_dictionary(backend.pipeline_options())
        super().__init__(options=options)
        self._stopwatch = stopwatch

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and add the seconds."""
        began = time.monotonic()
        try:
            return super().run(*args, **kwargs)
        finally:
            self._stopwatch.seconds += time.monotonic() - began
