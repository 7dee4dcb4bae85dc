"""KerasTrainer: a trainer around any Keras model.

Keras is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.trainer.network import NetworkTrainer

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import tensorflow as tf
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.features import Features
    from zenrepo.steps.trainer.problem import Problem
    from zenrepo.steps.trainer.results import Tests


class KerasTrainer(NetworkTrainer):
    """Trains the Keras model that ``model_fn`` makes; extend it, and override ``model_fn``.

    The SavedModel has two signatures, both on features as they are before preprocessing:

    * ``serving_default``: ``examples``, serialized ``tf.Example`` of shape (batch,);
    * ``serving_features``: one input of shape (batch,) or (batch, values) for each feature, by its name with every sign
      that is no letter or digit as ``_``.

    Both give ``predictions``: of shape (batch, 1), the probability of class 1 between two classes, or the value of a
    regression; of shape (batch, k), the probability of each of k classes.

    Args:
        label: the feature to be predicted.
        epochs: how many times the training data is gone through, at most.
        batch_size: examples a step.
        learning_rate: of Adam, where the model is not compiled.
        early_stopping: after how many epochs without a lower loss on the evaluation data training ends, with the
            weights of the best epoch.
        class_weights: by class, how much an example of it counts; ``balanced`` for each class as much as any other.
        checkpoints: whether a training that is killed goes on at its last whole epoch when it is run again.
        seed: another seed begins with other weights and another order.
    """

    STACKED: ClassVar[bool] = False
    """Whether the model is fed with all numbers as one matrix instead of with each feature by its name."""

    @abstractmethod
    def model_fn(self, features: Features, problem: Problem) -> Any:
        """Make the Keras model.

        Args:
            features: what it is fed with; ``features.inputs()`` gives a ``keras.Input`` for each.
            problem: what it is to predict: ``problem.kind``, ``problem.classes``, and ``problem.outputs``, the width
                of its output.

        Returns:
            A model of a map of inputs. It gives probabilities for a classification and values for a regression, of
            shape (batch, ``problem.outputs``). Where it is not compiled, the loss and metrics of the problem are
            taken, and Adam.
        """
        raise NotImplementedError

    def run_fn(self, fn_args: FnArgs) -> None:
        """Train on ``fn_args.train_files``, save the model and test it.

        Raises:
            StepFailed: if the label is not there or has one value only, if the model does not fit the problem, and if
                the loss or a prediction is not a number.
        """
        from zenrepo.steps.trainer.keras_training import train

        train(self, fn_args)

    def input_fn(self, files: list[str], features: Features, *, training: bool) -> tf.data.Dataset:
        """Read batches; override it to augment or filter them.

        Args:
            files: patterns of gzipped TFRecords of transformed examples.
            features: of the examples.
            training: whether to shuffle.

        Returns:
            Batches of (inputs, labels): a map of tensors as ``features.assemble`` makes it, and labels of shape
            (batch, 1).
        """
        from zenrepo.steps.trainer.keras_training import SHUFFLE

        examples = features.dataset(files)
        if training:
            examples = examples.shuffle(SHUFFLE, seed=self.seed)
        return features.batches(examples, self.batch_size)

    def test_fn(self, tests: Tests) -> None:
        """Write what the model says of every example of the splits to test on; override it to add to ``self.facts``."""
        tests.write()
