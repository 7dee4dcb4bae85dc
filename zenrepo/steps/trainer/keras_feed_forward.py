"""KerasFeedForwardTrainer: a feed-forward network on any number of features.

Keras is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.trainer.keras_trainer import KerasTrainer
from zenrepo.steps.trainer.network import check_layers

if TYPE_CHECKING:  # they import TensorFlow
    from zenrepo.steps.trainer.features import Features
    from zenrepo.steps.trainer.problem import Problem


class KerasFeedForwardTrainer(KerasTrainer):
    """Trains a feed-forward network with Keras.

    The problem follows from the label's values in the training data. A string label, or whole numbers that are exactly
    0 to k-1: a classification among k classes. The numbers 0.0 and 1.0 alone: a classification between two. Any other
    label: a regression.

    Args:
        label: the feature to be predicted.
        hidden_layers: the width of each hidden layer; none makes a linear model.
        epochs: how many times the training data is gone through, at most.
        batch_size: examples a step.
        learning_rate: Adam's.
        dropout: the share of a hidden layer's outputs that a training step leaves out, from 0 up to 1.
        early_stopping: after how many epochs without a lower loss on the evaluation data training ends, with the
            weights of the best epoch.
        class_weights: by class, how much an example of it counts; ``balanced`` for each class as much as any other.
        checkpoints: whether a training that is killed goes on at its last whole epoch when it is run again.
        seed: another seed begins with other weights and another order.
    """

    STACKED: ClassVar[bool] = True

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and has a default
        self,
        *,
        label: str,
        hidden_layers: list[int] | None = None,
        epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float = 0.001,
        dropout: float = 0.0,
        early_stopping: int | None = None,
        class_weights: Any = None,
        checkpoints: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__(
            label=label,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            early_stopping=early_stopping,
            class_weights=class_weights,
            checkpoints=checkpoints,
            seed=seed,
        )
        self.hidden_layers = [64, 32] if hidden_layers is None else hidden_layers
        self.dropout = dropout
        check_layers(type(self).__qualname__, self.hidden_layers, dropout)

    def model_fn(self, features: Features, problem: Problem) -> Any:
        """Make the network; the indices of a feature become up to 16 numbers each that are learnt."""
        from zenrepo.steps.trainer.keras_network import feed_forward

        return feed_forward(features, problem, self.hidden_layers, self.dropout)
