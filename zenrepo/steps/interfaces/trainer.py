"""The interface of steps that train a model."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs

TEST_RESULTS = "test_results"
"""The key of ``fn_args.custom_config`` under which a trainer finds the folder for its test results."""

TESTED = "tested"
"""The key of ``fn_args.custom_config`` for the splits to test on: by name, the patterns of the files of their
``transformed`` examples and, where these are what the preprocess step made, of the ``raw`` ones."""

CHECKPOINTS = "checkpoints"
"""The key of ``fn_args.custom_config`` for a folder that outlives a failure of the step, the same for the next try."""


class TrainerStep(BaseStep):
    """Trains a model.

    ``run_fn`` is all that a trainer must have. The trainers that ship with zenrepo have one that calls the three other
    functions, so that a class which extends them overrides only what it does otherwise.
    """

    KIND: ClassVar[str] = "trainer"

    @abstractmethod
    def run_fn(self, fn_args: FnArgs) -> None:
        """Train, and save a SavedModel in ``fn_args.serving_model_dir``.

        Args:
            fn_args: TFX's arguments of a trainer: ``train_files`` and ``eval_files`` (patterns of gzipped TFRecords of
                transformed examples), ``transform_output``, ``schema_path``, ``serving_model_dir``,
                ``model_run_dir``, and ``custom_config["test_results"]``, the folder that takes gzipped TFRecords of
                test results in one folder ``Split-<name>`` a split that was tested, or stays empty.
        """
        raise NotImplementedError

    def input_fn(self, files: list[str], features: Any, *, training: bool) -> Any:
        """Read examples as batches for the model.

        Args:
            files: patterns of gzipped TFRecords of transformed examples.
            features: what is known of them, a ``zenrepo.steps.trainer.features.Features``.
            training: whether the order may, and should, differ from time to time.

        Returns:
            An iterable of batches: (inputs, labels).
        """
        raise NotImplementedError(f"'{type(self).__qualname__}' has a run_fn that reads no batches")

    def model_fn(self, features: Any, problem: Any) -> Any:
        """Make the model that is to be trained.

        Args:
            features: what it is fed with, a ``zenrepo.steps.trainer.features.Features``.
            problem: what it is to predict, a ``zenrepo.steps.trainer.problem.Problem``.

        Returns:
            The model, as the trainer's library has it.
        """
        raise NotImplementedError(f"'{type(self).__qualname__}' has a run_fn that makes its model itself")

    def test_fn(self, tests: Any) -> None:
        """Test the trained model, and write what it says of each example.

        Args:
            tests: the splits to test on and the model, a ``zenrepo.steps.trainer.results.Tests``.
        """
        raise NotImplementedError(f"'{type(self).__qualname__}' has a run_fn that does not test its model")
