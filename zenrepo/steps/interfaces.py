"""The interfaces that steps extend, in the order in which pipelines run them.

The types of TensorFlow, TFX, Beam and Arrow stand here as strings: this module is read by hooks and look-ups, which
import none of them.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa
    import tensorflow as tf
    import tensorflow_model_analysis as tfma
    from tfx.components.trainer.fn_args_utils import FnArgs


class DataStep(BaseStep):
    """Brings data in from where it lives."""

    KIND: ClassVar[str] = "data"

    @abstractmethod
    def read_from_source(self) -> beam.PTransform:
        """Read the data.

        Returns:
            A transform from the root of a Beam pipeline to a collection of ``pyarrow.RecordBatch``, one column a
            feature. A column holds int64, float32, float64, string or binary values, or lists of them; a null is a
            missing value.
        """
        raise NotImplementedError


class SplitStep(BaseStep):
    """Divides the examples among named splits."""

    KIND: ClassVar[str] = "split"

    @abstractmethod
    def get_split_names(self) -> list[str]:
        """Name the splits, ``train`` and ``eval`` among them where a trainer follows."""
        raise NotImplementedError

    @abstractmethod
    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Say which split each example belongs to.

        Args:
            examples: a batch of n examples, each column a list array, as ``tfx_bsl`` decodes ``tf.Example``.

        Returns:
            n integers, each an index into the split names.
        """
        raise NotImplementedError


class PreprocessStep(BaseStep):
    """Turns features into what a model takes, the same in training and in serving."""

    KIND: ClassVar[str] = "preprocess"

    @abstractmethod
    def preprocessing_fn(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transform a batch, with TensorFlow Transform's analyzers and mappers.

        Args:
            inputs: by feature, a dense tensor of shape (batch, 1) where every example has exactly one value, else a
                sparse one of shape (batch, values).

        Returns:
            The transformed features by name, dense tensors whose first dimension is the batch.
        """
        raise NotImplementedError


class TrainerStep(BaseStep):
    """Trains a model."""

    KIND: ClassVar[str] = "trainer"

    @abstractmethod
    def run_fn(self, fn_args: FnArgs) -> None:
        """Train, and save a SavedModel in ``fn_args.serving_model_dir``.

        Args:
            fn_args: TFX's arguments of a trainer: ``train_files`` and ``eval_files`` (patterns of gzipped TFRecords of
                transformed examples), ``transform_output``, ``schema_path``, ``serving_model_dir``,
                ``model_run_dir``.
        """
        raise NotImplementedError


class EvaluatorStep(BaseStep):
    """Says how good a model is, and whether it may be deployed."""

    KIND: ClassVar[str] = "evaluator"

    @abstractmethod
    def eval_config(self) -> tfma.EvalConfig:
        """Say what to measure, on which slices, and which thresholds bless the model."""
        raise NotImplementedError


class DeployerStep(BaseStep):
    """Puts a blessed model where it serves."""

    KIND: ClassVar[str] = "deployer"

    @abstractmethod
    def deploy(self, model: str, version: int) -> str:
        """Deploy a model.

        Args:
            model: the folder of the SavedModel.
            version: a number that is larger than that of every model deployed before.

        Returns:
            Where the model serves from now on: a path or an address.
        """
        raise NotImplementedError
