"""The interface of steps that have a model predict."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need them, and they cost seconds to import
    import apache_beam as beam


class InferrerStep(BaseStep):
    """Adds a model's predictions to examples."""

    KIND: ClassVar[str] = "inferrer"

    @abstractmethod
    def infer(self, model: str) -> beam.PTransform:
        """Predict.

        Args:
            model: the folder of the model that a trainer saved.

        Returns:
            A transform of a collection of arrays of n serialized ``tf.Example`` into one of ``pyarrow.RecordBatch``
            of n rows: what shall be kept of each example, and the predictions.
        """
        raise NotImplementedError
