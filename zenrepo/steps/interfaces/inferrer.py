"""The interface of steps that have a model predict."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need them, and they cost seconds to import
    import numpy as np
    import pyarrow as pa


class InferrerStep(BaseStep):
    """Has a model predict, over examples of any number.

    The runner reads the examples, on Beam, and writes what the step makes of them: for each file of examples one of
    predictions, in the same order.

    An argument named ``model`` says which model predicts where no trainer stands before: see
    ``docs/how-to/use-a-model-from-elsewhere.md``.

    Attributes:
        batch_size: how many examples the model is given at a time, at the most.
    """

    KIND: ClassVar[str] = "inferrer"
    batch_size: int = 1024

    @abstractmethod
    def load(self, model: str) -> Callable[[np.ndarray[Any, Any]], pa.RecordBatch | Mapping[str, np.ndarray[Any, Any]]]:
        """Load the model, once in each process that predicts.

        Args:
            model: the folder of the model that a trainer saved.

        Returns:
            A function of n serialized ``tf.Example``, as they were before preprocessing, to what shall be written of
            them: a ``pyarrow.RecordBatch`` of n rows, or arrays of shape (n, …) by name.
        """
        raise NotImplementedError
