"""TorchTrainer: a trainer around any PyTorch module.

PyTorch is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.trainer.extra import need
from zenrepo.steps.trainer.network import NetworkTrainer

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.features import Features
    from zenrepo.steps.trainer.problem import Problem
    from zenrepo.steps.trainer.results import Tests


class TorchTrainer(NetworkTrainer):
    """Trains the PyTorch module that ``model_fn`` makes; extend it, and override ``model_fn``.

    The model is saved as ``model.pt2`` (``torch.export``) and ``state_dict.pt`` beside the transform;
    ``zenrepo.steps.trainer.load_model`` loads it, and predicts from features as they are before preprocessing.

    Args:
        label: the feature to be predicted.
        epochs: how many times the training data is gone through, at most.
        batch_size: examples a step.
        learning_rate: of Adam.
        early_stopping: after how many epochs without a lower loss on the evaluation data training ends, with the
            weights of the best epoch.
        class_weights: by class, how much an example of it counts; ``balanced`` for each class as much as any other.
        checkpoints: whether a training that is killed goes on at its last whole epoch when it is run again.
        seed: another seed begins with other weights and another order.
    """

    STACKED: ClassVar[bool] = False
    """Whether the module is fed with all numbers as one matrix instead of with each feature by its name."""

    @abstractmethod
    def model_fn(self, features: Features, problem: Problem) -> Any:
        """Make the PyTorch module.

        Args:
            features: what it is fed with: ``features.shapes`` of numbers, ``features.depths`` of indices.
            problem: what it is to predict: ``problem.kind``, ``problem.classes``, and ``problem.outputs``, the width
                of its output.

        Returns:
            A module that takes a map of tensors by feature, (batch, …), and gives a tensor of shape (batch,
            ``problem.outputs``): values for a regression, else logits, on which neither sigmoid nor softmax was
            applied.
        """
        raise NotImplementedError

    def loss_fn(self, outputs: Any, labels: Any, problem: Problem, weights: Any) -> Any:
        """Compute the loss of a batch; override it for another one than the problem's.

        Args:
            outputs: of the module, of shape (batch, ``problem.outputs``).
            labels: of shape (batch,), int64 for a classification, float32 for a regression.
            problem: what is predicted.
            weights: of each example, of shape (batch,).

        Returns:
            One number.
        """
        from zenrepo.steps.trainer.torch_training import loss_of

        return loss_of(outputs, labels, problem, weights)

    def run_fn(self, fn_args: FnArgs) -> None:
        """Train on ``fn_args.train_files``, save the model and test it.

        Raises:
            StepFailed: if PyTorch is not installed, the label is not there or has one value only, if the module does
                not fit the problem, and if the loss or a prediction is not a number.
        """
        need("torch", type(self).__qualname__)
        from zenrepo.steps.trainer.torch_training import train

        train(self, fn_args)

    def input_fn(self, files: list[str], features: Features, *, training: bool) -> Iterable[Any]:
        """Read batches; override it to augment or filter them.

        Args:
            files: patterns of gzipped TFRecords of transformed examples.
            features: of the examples.
            training: whether to shuffle.

        Returns:
            An iterable, once for each epoch, of (inputs, labels): a map of tensors, and labels of shape (batch, 1).
        """
        from zenrepo.steps.trainer.torch_training import Batches

        return Batches(files, features, self.batch_size, self.seed if training else None)

    def test_fn(self, tests: Tests) -> None:
        """Write what the model says of every example of the splits to test on; override it to add to ``self.facts``."""
        tests.write()

    def save(self, module: Any, tests: Tests, fn_args: FnArgs) -> None:
        """Save the trained module.

        Args:
            module: the trained module.
            tests: what it was trained for: ``tests.features``, ``tests.problem``, ``tests.graph``.
            fn_args: TFX's: where the model goes.
        """
        from zenrepo.steps.trainer.torch_saving import save

        save(module, tests, fn_args)
