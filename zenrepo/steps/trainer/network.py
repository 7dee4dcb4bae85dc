"""What trainers of networks have in common: their arguments."""

from __future__ import annotations

from typing import Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import positive, positive_whole, text, whole
from zenrepo.steps.interfaces.trainer import TrainerStep

BALANCED = "balanced"


class NetworkTrainer(TrainerStep):
    """Trains a network in epochs.

    Args:
        label: the feature to be predicted.
        epochs: how many times the training data is gone through, at most.
        batch_size: examples a step.
        learning_rate: of the optimizer.
        early_stopping: after how many epochs without a lower loss on the evaluation data training ends, with the
            weights of the best epoch; ``None`` for never.
        class_weights: by class, how much an example of it counts; ``balanced`` for each class as much as any other.
        checkpoints: whether a training that is killed goes on at its last whole epoch when it is run again.
        seed: another seed begins with other weights and another order.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and has a default
        self,
        *,
        label: str,
        epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float = 0.001,
        early_stopping: int | None = None,
        class_weights: Any = None,
        checkpoints: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        self.label, self.seed, self.checkpoints = label, seed, checkpoints
        self.epochs, self.batch_size, self.learning_rate = epochs, batch_size, learning_rate
        self.early_stopping, self.class_weights = early_stopping, class_weights
        text(name, "label", label)
        whole(name, "seed", seed)
        positive_whole(name, "epochs", epochs)
        positive_whole(name, "batch_size", batch_size)
        positive(name, "learning_rate", learning_rate)
        if early_stopping is not None:
            positive_whole(name, "early_stopping", early_stopping)
        if not isinstance(checkpoints, bool):
            raise StepArgumentError(name, f"checkpoints is {checkpoints!r}, not true or false")
        check_class_weights(name, class_weights)


def check_class_weights(step: str, weights: object) -> None:
    """Refuse class weights that are neither ``balanced`` nor a map from classes to positive numbers.

    Args:
        step: the class of the step.
        weights: the argument.

    Raises:
        StepArgumentError: naming what is wrong.
    """
    if weights is None or weights == BALANCED:
        return
    if not isinstance(weights, dict) or not weights:
        raise StepArgumentError(
            step, f"class_weights is {weights!r}", f"give '{BALANCED}', or a map from classes to numbers"
        )
    for key, weight in weights.items():
        positive(step, f"class_weights.{key}", weight)


def check_layers(step: str, widths: object, dropout: object) -> None:
    """Refuse hidden layers that have no width, and a dropout that leaves nothing.

    Args:
        step: the class of the step.
        widths: of the hidden layers.
        dropout: the share that is left out.

    Raises:
        StepArgumentError: naming what is wrong.
    """
    if not isinstance(widths, list):
        raise StepArgumentError(step, f"hidden_layers is {widths!r}, not a list")
    for position, width in enumerate(widths):
        positive_whole(step, f"hidden_layers[{position}]", width)
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise StepArgumentError(step, f"dropout is {dropout!r}, not from 0 up to 1")
