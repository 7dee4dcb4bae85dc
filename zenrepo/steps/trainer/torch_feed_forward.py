"""TorchFeedForwardTrainer: a feed-forward network in PyTorch on any number of features, served by TensorFlow.

PyTorch is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.trainer.network import check_layers
from zenrepo.steps.trainer.torch_trainer import TorchTrainer

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.features import Features
    from zenrepo.steps.trainer.problem import Problem
    from zenrepo.steps.trainer.results import Tests


class TorchFeedForwardTrainer(TorchTrainer):
    """Trains a feed-forward network with PyTorch.

    The problem follows from the label's values as for ``KerasFeedForwardTrainer``. The trained network is saved as the
    same SavedModel, with the weights copied, so that TensorFlow Serving, TensorFlow Model Analysis and the deployers
    take it; PyTorch's own file is beside it, ``assets.extra/state_dict.pt``.

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
        from zenrepo.steps.trainer.torch_network import FeedForward

        return FeedForward(features, problem, self.hidden_layers, self.dropout)

    def save(self, module: Any, tests: Tests, fn_args: FnArgs) -> None:
        """Save the network as a SavedModel."""
        from zenrepo.steps.trainer.torch_saving import save_as_tensorflow

        save_as_tensorflow(module, tests, fn_args)
