"""KerasFeedForwardTrainer: a feed-forward network on any tabular features.

Keras is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import positive, positive_whole, text, whole
from zenrepo.steps.interfaces.trainer import TrainerStep

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs


class KerasFeedForwardTrainer(TrainerStep):
    """Trains a feed-forward network with Keras.

    The problem follows from the label's values in the training data. A string label, or whole numbers that are exactly
    0 to k-1: a classification among k classes. The numbers 0.0 and 1.0 alone: a classification between two. Any other
    label: a regression.

    The SavedModel has two signatures, both on features as they are before preprocessing:

    * ``serving_default``: ``examples``, serialized ``tf.Example`` of shape (batch,);
    * ``serving_features``: one input of shape (batch,) for each feature, by its name with every sign that is no
      letter or digit as ``_``.

    Both give ``predictions``: of shape (batch, 1), the probability of class 1 between two classes, or the value of a
    regression; of shape (batch, k), the probability of each of k classes.

    Args:
        label: the feature to be predicted.
        hidden_layers: the width of each hidden layer; none makes a linear model.
        epochs: how many times the training data is gone through.
        batch_size: examples a step.
        learning_rate: Adam's.
        dropout: the share of a hidden layer's outputs that a training step leaves out, from 0 up to 1.
        seed: another seed begins with other weights and another order.
    """

    def __init__(
        self,
        *,
        label: str,
        hidden_layers: list[int] | None = None,
        epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float = 0.001,
        dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        self.label = label
        self.hidden_layers = [64, 32] if hidden_layers is None else hidden_layers
        self.epochs, self.batch_size, self.learning_rate = epochs, batch_size, learning_rate
        self.dropout, self.seed = dropout, seed
        text(name, "label", label)
        whole(name, "seed", seed)
        for position, width in enumerate(self.hidden_layers):
            positive_whole(name, f"hidden_layers[{position}]", width)
        positive_whole(name, "epochs", epochs)
        positive_whole(name, "batch_size", batch_size)
        positive(name, "learning_rate", learning_rate)
        if not 0 <= dropout < 1:
            raise StepArgumentError(name, f"dropout is {dropout!r}, not from 0 up to 1")

    def run_fn(self, fn_args: FnArgs) -> None:
        """Train on ``fn_args.train_files`` and save the model.

        Raises:
            StepFailed: if the label is not there, or has one value only.
        """
        from zenrepo.steps.trainer.keras_training import train

        train(self, fn_args)
