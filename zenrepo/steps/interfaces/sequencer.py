"""The interface of steps that make sequences of time series."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import apache_beam as beam


class SequencerStep(BaseStep):
    """Turns the rows of a time series into sequences."""

    KIND: ClassVar[str] = "sequencer"

    @abstractmethod
    def sequence(self) -> beam.PTransform:
        """Make sequences of the rows of one split.

        Returns:
            A transform of a collection of ``pyarrow.RecordBatch`` (n rows, each column a list array, as ``tfx_bsl``
            decodes ``tf.Example``) into one of ``pyarrow.RecordBatch`` whose rows are sequences: in each row a
            column holds a list with a value for every time step.
        """
        raise NotImplementedError
