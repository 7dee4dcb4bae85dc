"""The interface of steps that bring data in."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep, run_home

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import pyarrow as pa


class DataStep(BaseStep):
    """Brings data in from where it lives."""

    KIND: ClassVar[str] = "data"

    @abstractmethod
    def read_from_source(self) -> beam.PTransform:
        """Read the data.

        Returns:
            A transform from the root of a Beam pipeline to a collection of ``pyarrow.RecordBatch``, one column a
            feature. A column holds int64, float32, float64, string or binary values, or lists of them; a null is a
            missing value.
        """
        raise NotImplementedError

    def batches(self) -> Iterator[pa.RecordBatch] | None:
        """Read the data without Beam, which takes seconds to import.

        Returns:
            The batches that the transform of ``read_from_source`` yields, for a step that works on this machine;
            ``None``, which it is by default, where only the transform can read them. A class that overrides
            ``read_from_source`` alone is read by it.
        """
        return None

    def ready_examples(self) -> str | None:
        """Say where the data lies as examples already, if it does.

        Returns:
            The folder of a datasource's commit, whose examples are taken over as they are; ``None``, which it is by
            default, for data to be read.
        """
        return None

    def scratch(self) -> Path:
        """Give a folder for files that are needed only while the step runs; in a run it goes away with it."""
        return Path(run_home.get("scratch") or tempfile.mkdtemp(prefix="zenrepo-"))
