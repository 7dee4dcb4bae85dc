"""The interface of steps that train a model."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs


TEST_RESULTS = "test_results"
"""The key of ``fn_args.custom_config`` under which a trainer finds the folder for its test results."""


class TrainerStep(BaseStep):
    """Trains a model."""

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
