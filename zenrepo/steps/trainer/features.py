"""The transformed features that a model is fed with.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import known_feature
from zenrepo.steps.vocabulary import vocabulary_name

BATCH = 8192
NUMBERS = "numbers"


class Features:
    """The features of transformed examples.

    Args:
        graph: the transform.
        label: the one among them that is to be predicted.
        stacked: whether a model is fed with all numbers as one matrix and with indices by their position, instead of
            with each feature by its name.

    Attributes:
        label: the feature to be predicted.
        spec: how a transformed example is parsed.
        shapes: of an example's values, by numeric feature.
        depths: of features that are indices, how many indices there are.
        stacked: as given.

    Raises:
        StepFailed: for an absent label, and for a feature that has no fixed shape or is text.
    """

    def __init__(self, graph: tft.TFTransformOutput, label: str, *, stacked: bool = False) -> None:
        self.spec = graph.transformed_feature_spec()
        self.label = label
        self.stacked = stacked
        self._graph = graph
        known_feature("label", label, self.spec)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.depths: dict[str, int] = {}
        indices = _depths(graph)
        for name in sorted(self.spec):
            if name != label:
                self._sort(name, indices)
        if not self.shapes and not self.depths:
            raise StepFailed(f"no feature is left beside the label '{label}'", "let the preprocess step keep some")

    def _sort(self, name: str, indices: dict[str, int]) -> None:
        feature = self.spec[name]
        if not isinstance(feature, tf.io.FixedLenFeature):
            raise StepFailed(f"feature '{name}' has no fixed shape", "let the preprocess step make it dense")
        if feature.dtype == tf.string:
            raise StepFailed(f"feature '{name}' is text", "let the preprocess step make it a number, or drop it")
        if name in indices:
            self.depths[name] = indices[name]
        else:
            self.shapes[name] = tuple(feature.shape) or (1,)

    def width(self, name: str) -> int:
        """How many values of a feature an example has."""
        return int(np.prod(self.spec[name].shape, dtype=int))

    @property
    def numbers(self) -> dict[str, int]:
        """The names and widths of numeric features, in the order of their columns."""
        return {name: self.width(name) for name in self.shapes}

    @property
    def total(self) -> int:
        """The number of columns that all numeric features have together."""
        return sum(self.numbers.values())

    def vocabulary(self, name: str) -> list[str] | None:
        """Give the texts of a feature's vocabulary by index; ``None`` where it has none."""
        file = self._graph.vocabulary_file_by_name(vocabulary_name(name))
        return None if file is None else Path(file).read_text(encoding="utf-8").splitlines()

    def assemble(self, transformed: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Make a model's inputs of a batch of transformed features.

        Args:
            transformed: by feature, tensors of shape (batch, …).

        Returns:
            By feature, tensors of shape (batch, …), float32 for numbers, int64 for indices. Stacked: ``numbers`` of
            shape (batch, columns) where there are any, ``index_0`` and on, of shape (batch, values).
        """
        shaped = {n: tf.reshape(tf.cast(transformed[n], tf.float32), [-1, *s]) for n, s in self.shapes.items()}
        indices = {n: tf.reshape(tf.cast(transformed[n], tf.int64), [-1, self.width(n)]) for n in self.depths}
        if not self.stacked:
            return shaped | indices
        inputs = {f"index_{i}": values for i, values in enumerate(indices.values())}
        if self.shapes:
            columns = [tf.reshape(values, [-1, self.width(name)]) for name, values in shaped.items()]
            inputs[NUMBERS] = tf.concat(columns, axis=1)
        return inputs

    def raw_inputs(self) -> dict[str, Any]:
        """Say how the features are parsed, before preprocessing, that those of the model are made from; by name."""
        loader = SavedModelLoader(self._graph.transform_savedmodel_dir)
        known = loader._output_to_inputs_map  # noqa: SLF001 - it has no other way to say what depends on what
        sources: list[Any] = [known[name] for name in (*self.shapes, *self.depths)]
        raw = {}
        for name, feature in self._graph.raw_feature_spec().items():
            placed = loader._structured_inputs[name]  # noqa: SLF001 - as above
            placeholders = tf.nest.flatten(placed, expand_composites=True)
            if name != self.label and any(p in source for p in placeholders for source in sources):
                raw[name] = feature
        return raw

    def inputs(self) -> dict[str, Any]:
        """Make a ``keras.Input`` for each tensor that ``assemble`` gives, by its name."""
        from zenrepo.steps.trainer.keras_network import inputs_of

        return inputs_of(self)

    def dataset(self, patterns: list[str]) -> tf.data.Dataset:
        """Read serialized examples, in the order of their files."""
        files = sorted(file for pattern in patterns for file in tf.io.gfile.glob(pattern))
        return tf.data.TFRecordDataset(files, "GZIP")

    def batches(self, examples: tf.data.Dataset, size: int) -> tf.data.Dataset:
        """Parse batches of serialized examples into a model's inputs and labels of shape (batch, 1)."""

        def parse(serialized: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
            parsed = tf.io.parse_example(serialized, self.spec)
            return self.assemble(parsed), tf.reshape(parsed[self.label], [-1, 1])

        return examples.batch(size).map(parse).prefetch(1)


def _depths(graph: tft.TFTransformOutput) -> dict[str, int]:
    """Say of each feature that holds indices how many of them there are."""
    domains = {f.name: f.int_domain for f in graph.transformed_metadata.schema.feature if f.HasField("int_domain")}
    return {name: int(domain.max) + 1 for name, domain in domains.items() if domain.is_categorical}
