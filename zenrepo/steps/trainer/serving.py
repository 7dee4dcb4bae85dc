"""The SavedModel that a trained network is served as: it takes features as they are before preprocessing.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import re
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader

from zenrepo.steps.trainer.features import Features

OUTPUT = "predictions"


class Served(tf.Module):  # type: ignore[misc] # TensorFlow has no types that mypy is shown
    """A network behind the transform that its training data went through.

    Args:
        network: takes what ``Features.assemble`` makes, gives one tensor.
        features: of the transformed examples.
        graph: the transform.
    """

    def __init__(self, network: Any, features: Features, graph: tft.TFTransformOutput) -> None:
        super().__init__()
        self._network = network
        self._features = features
        self._transform = SavedModelLoader(graph.transform_savedmodel_dir)
        self._tracked = vars(self._transform)  # so that vocabularies are saved with the model
        self._raw = graph.raw_feature_spec()
        self._inputs = {n: f for n, f in self._raw.items() if n != features.label}

    def save(self, folder: str) -> None:
        """Save the model with its signatures.

        Args:
            folder: of the SavedModel.
        """
        examples = tf.TensorSpec([None], tf.string, name="examples")
        plain = {
            name: tf.TensorSpec([None], feature.dtype, name=name) for name, feature in self._by_plain_name().items()
        }
        signatures = {
            "serving_default": tf.function(self._serve_examples, autograph=False).get_concrete_function(examples),
            "serving_features": tf.function(self._serve_features, autograph=False).get_concrete_function(plain),
        }
        if self._raw[self._features.label].dtype == tf.string:  # an evaluator compares to the label's index
            transform = tf.function(self._transform_examples, autograph=False)
            signatures["transform_features"] = transform.get_concrete_function(examples)
        tf.saved_model.save(self, folder, signatures=signatures)

    def _serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._predict(tf.io.parse_example(examples, self._inputs))

    def _serve_features(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        names = dict(zip(self._by_plain_name(), self._inputs, strict=True))
        return self._predict({names[n]: _as_parsed(t, self._inputs[names[n]]) for n, t in features.items()})

    def _transform_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Give the label's index alone: what else is there, an evaluator slices by as it is in the data."""
        transformed = self._transform.apply_transform_model(tf.io.parse_example(examples, self._raw))
        return {self._features.label: transformed[self._features.label]}

    def _predict(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        transformed = self._transform.apply_transform_model(raw)
        return {OUTPUT: self._network(self._features.assemble(transformed), training=False)}

    def _by_plain_name(self) -> dict[str, Any]:
        """The features by names that a signature can have."""
        named: dict[str, Any] = {}
        for name, feature in self._inputs.items():
            plain = re.sub(r"[^A-Za-z0-9]", "_", name)
            plain = plain if plain[:1].isalpha() else f"f{plain}"
            while plain in named:
                plain += "_"
            named[plain] = feature
        return named


def _as_parsed(values: tf.Tensor, feature: Any) -> tf.Tensor:
    """Make of plain values what parsing an example would have made; ``nan`` and ``""`` are missing ones."""
    column = tf.expand_dims(values, 1)
    if isinstance(feature, tf.io.FixedLenFeature):
        return column
    if feature.dtype == tf.string:
        present = tf.not_equal(column, "")
    elif feature.dtype.is_floating:
        present = tf.logical_not(tf.math.is_nan(column))
    else:
        present = tf.ones_like(column, tf.bool)
    where = tf.where(present)
    return tf.SparseTensor(where, tf.gather_nd(column, where), tf.shape(column, tf.int64))
