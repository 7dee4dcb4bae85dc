"""The interface of steps that make sequences of time series."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep
from zenrepo.steps.interfaces.counting import count

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import apache_beam as beam


class SequencerStep(BaseStep):
    """Turns the rows of time series into sequences.

    What it makes is written as records that are both: read as ``tf.Example``, each column is a list of values; read as
    ``tf.SequenceExample``, each column is a feature list with one value for each time step.
    """

    KIND: ClassVar[str] = "sequencer"

    @abstractmethod
    def sequence(self) -> beam.PTransform:
        """Make sequences of the rows of one split; it is called once for each.

        Returns:
            A transform of a collection of ``pyarrow.RecordBatch`` (n rows, each column a list array, as ``tfx_bsl``
            decodes ``tf.Example``) into one of ``pyarrow.RecordBatch`` whose rows are sequences: in each row a
            column holds a list with a value for every time step.
        """
        raise NotImplementedError

    def get_columns(self) -> list[str]:
        """Name the columns that the step goes by: one that no row has a value in fails before all else."""
        return []

    def get_context(self) -> list[str]:
        """Name the columns of the sequences that say something of the whole sequence: they become no feature lists."""
        return []

    def get_timeline(self) -> list[str]:
        """Name the columns that become feature lists alone, so that no model is trained on them: times, or row ids."""
        return []

    def count(self, what: str, number: int = 1) -> None:
        """Count something that the run's report shall show; the code of the transform may call it, wherever it runs.

        Args:
            what: the name of the figure.
            number: is added to it.
        """
        count(what, number)
