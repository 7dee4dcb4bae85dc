"""The SavedModel that a trained network is served as: it takes features as they are before preprocessing.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader

from zenrepo.steps.preprocess.schema import many_valued
from zenrepo.steps.trainer.features import Features
from zenrepo.steps.trainer.loaded import FEATURES

OUTPUT = "predictions"


class Served(tf.Module):  # type: ignore[misc] # TensorFlow has no types that mypy is shown
    """A network behind the transform that its training data went through.

    Args:
        network: takes what ``Features.assemble`` makes, gives one tensor of shape (batch, outputs).
        features: of the transformed examples.
        graph: the transform.
        schema: the file of the schema of the examples before it, where there is one.
    """

    def __init__(
        self,
        network: Callable[[dict[str, tf.Tensor]], tf.Tensor],
        features: Features,
        graph: tft.TFTransformOutput,
        schema: str | None,
    ) -> None:
        super().__init__()
        self._network = network
        self._features = features
        self._transform = SavedModelLoader(graph.transform_savedmodel_dir)
        self._tracked = vars(self._transform)  # so that vocabularies are saved with the model
        self._raw = graph.raw_feature_spec()
        self._inputs = features.raw_inputs()
        self._several = _several(schema)

    def track(self, trackable: Any) -> None:
        """Save what the network holds, such as its variables, with the model."""
        self._model = trackable

    def save(self, folder: str) -> None:
        """Save the model with its signatures.

        Args:
            folder: of the SavedModel.
        """
        examples = tf.TensorSpec([None], tf.string, name="examples")
        plain = {
            name: tf.TensorSpec(self._plain_shape(feature), self._raw[feature].dtype, name=name)
            for name, feature in plain_names(self._inputs).items()
        }
        signatures = {
            "serving_default": tf.function(self._serve_examples, autograph=False).get_concrete_function(examples),
            "serving_features": tf.function(self._serve_features, autograph=False).get_concrete_function(plain),
        }
        if self._raw[self._features.label].dtype == tf.string:  # an evaluator compares to the label's index
            transform = tf.function(self._transform_examples, autograph=False)
            signatures["transform_features"] = transform.get_concrete_function(examples)
        tf.saved_model.save(self, folder, signatures=signatures)
        extra = Path(folder, "assets.extra")
        extra.mkdir(exist_ok=True)
        kinds = {name: feature.dtype.name for name, feature in self._inputs.items()}
        (extra / FEATURES).write_text(json.dumps(kinds, indent=1, ensure_ascii=False), encoding="utf-8")

    def _serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._predict(tf.io.parse_example(examples, self._inputs))

    def _serve_features(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        names = plain_names(self._inputs)
        return self._predict({names[n]: _as_parsed(t, self._inputs[names[n]]) for n, t in features.items()})

    def _transform_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Give the label's index alone: what else is there, an evaluator slices by as it is in the data."""
        transformed = self._transform.apply_transform_model(tf.io.parse_example(examples, self._raw))
        return {self._features.label: transformed[self._features.label]}

    def _predict(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        transformed = self._transform.apply_transform_model(raw)
        return {OUTPUT: self._network(self._features.assemble(transformed))}

    def _plain_shape(self, feature: str) -> list[int | None]:
        """The shape of a plain input: (batch,) of single values, (batch, n) of lists of n."""
        spec = self._raw[feature]
        if not isinstance(spec, tf.io.FixedLenFeature):
            return [None, None] if feature in self._several else [None]
        width = int(tf.TensorShape(spec.shape).num_elements())
        return [None] if width == 1 else [None, width]


def plain_names(features: Iterable[str]) -> dict[str, str]:
    """Give features names that an input of a signature can have.

    Args:
        features: any texts.

    Returns:
        The features, by names of letters, digits and underscores, in the same order.
    """
    named: dict[str, str] = {}
    for feature in features:
        plain = re.sub(r"[^A-Za-z0-9]", "_", feature)
        plain = plain if plain[:1].isalpha() else f"f{plain}"
        while plain in named:
            plain += "_"
        named[plain] = feature
    return named


def _several(schema: str | None) -> frozenset[str]:
    """Name the features of which an example may have several values, and not always the same number."""
    if not schema or not Path(schema).is_file():
        return frozenset()
    return many_valued(text_format.Parse(Path(schema).read_text(encoding="utf-8"), schema_pb2.Schema()))


def _as_parsed(values: tf.Tensor, feature: Any) -> tf.Tensor:
    """Make of plain values what parsing an example would have made; ``nan`` and ``""`` are missing ones."""
    matrix = values if len(values.shape) == 2 else tf.expand_dims(values, 1)
    if isinstance(feature, tf.io.FixedLenFeature):
        return tf.reshape(matrix, [-1, *feature.shape])
    if feature.dtype == tf.string:
        present = tf.not_equal(matrix, "")
    elif feature.dtype.is_floating:
        present = tf.logical_not(tf.math.is_nan(matrix))
    else:
        present = tf.ones_like(matrix, tf.bool)
    where = tf.where(present)
    return tf.SparseTensor(where, tf.gather_nd(matrix, where), tf.shape(matrix, tf.int64))
