"""The interface of steps that turn features into what a model takes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import tensorflow as tf


class PreprocessStep(BaseStep):
    """Turns features into what a model takes, the same in training and in serving."""

    KIND: ClassVar[str] = "preprocess"

    many_valued: frozenset[str] = frozenset()
    """The features of which an example of the training data may have several values, and not always the same number;
    known while the step runs."""

    @abstractmethod
    def preprocessing_fn(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transform a batch, with TensorFlow Transform's analyzers and mappers.

        Args:
            inputs: by feature, a dense tensor of shape (batch, n) where every example has exactly n values, else a
                sparse one of shape (batch, values).

        Returns:
            The transformed features by name, dense tensors whose first dimension is the batch.
        """
        raise NotImplementedError
