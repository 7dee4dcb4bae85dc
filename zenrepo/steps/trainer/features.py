"""The transformed features that a network is fed with, and the problem that their label poses.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import known_feature
from zenrepo.steps.vocabulary import vocabulary_name

BATCH = 8192
NUMBERS = "numbers"


@dataclass(frozen=True)
class Problem:
    """What a label asks for.

    Args:
        kind: ``binary``, ``multi-class`` or ``regression``.
        classes: how many there are; 0 for a regression.
    """

    kind: str
    classes: int


class Features:
    """The features of transformed examples.

    Args:
        graph: the transform.
        label: the one among them that is to be predicted.

    Attributes:
        numbers: the names and widths of numeric features.
        texts: of features that are indices into a vocabulary, the names and the number of indices.

    Raises:
        StepFailed: for an absent label, and for a feature that has no fixed shape.
    """

    def __init__(self, graph: tft.TFTransformOutput, label: str) -> None:
        self.spec = graph.transformed_feature_spec()
        self.label = label
        known_feature("label", label, self.spec)
        self.numbers: dict[str, int] = {}
        self.texts: dict[str, int] = {}
        for name in sorted(self.spec):
            if name != label:
                self._sort(name, graph)
        if not self.numbers and not self.texts:
            raise StepFailed(f"no feature is left beside the label '{label}'", "let the preprocess step keep some")

    def _sort(self, name: str, graph: tft.TFTransformOutput) -> None:
        feature = self.spec[name]
        if not isinstance(feature, tf.io.FixedLenFeature):
            raise StepFailed(f"feature '{name}' has no fixed shape", "let the preprocess step make it dense")
        if feature.dtype == tf.string:
            raise StepFailed(f"feature '{name}' is text", "let the preprocess step make it a number")
        if _has_vocabulary(name, graph):
            self.texts[name] = graph.vocabulary_size_by_name(vocabulary_name(name)) + 1
        else:
            self.numbers[name] = int(np.prod(feature.shape, dtype=int))

    def assemble(self, transformed: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Make the network's inputs of a batch of transformed features: one matrix, and the indices.

        Args:
            transformed: by feature, tensors of shape (batch, …).

        Returns:
            ``numbers`` of shape (batch, sum of the widths) where there are any; ``index_0`` and on, of shape (batch,).
        """
        inputs = {f"index_{i}": tf.reshape(transformed[name], [-1]) for i, name in enumerate(self.texts)}
        if self.numbers:
            columns = [
                tf.reshape(tf.cast(transformed[name], tf.float32), [-1, width]) for name, width in self.numbers.items()
            ]
            inputs[NUMBERS] = tf.concat(columns, axis=1)
        return inputs

    def dataset(self, patterns: list[str]) -> tf.data.Dataset:
        """Read serialized examples, in the order of their files."""
        files = sorted(file for pattern in patterns for file in tf.io.gfile.glob(pattern))
        return tf.data.TFRecordDataset(files, "GZIP")

    def batches(self, examples: tf.data.Dataset, size: int) -> tf.data.Dataset:
        """Parse batches of serialized examples into the network's inputs and labels."""

        def parse(serialized: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
            parsed = tf.io.parse_example(serialized, self.spec)
            return self.assemble(parsed), parsed[self.label]

        return examples.batch(size).map(parse).prefetch(1)


def problem_of(features: Features, graph: tft.TFTransformOutput, patterns: list[str]) -> Problem:
    """Infer the problem from the label's values in the training data.

    Args:
        features: of the examples.
        graph: the transform.
        patterns: of the files of the training data.

    Returns:
        The problem, by the rule that ``KerasFeedForwardTrainer`` states.

    Raises:
        StepFailed: if all labels are the same.
    """
    values = _label_values(features, patterns)
    if len(values) < 2:
        raise StepFailed(
            f"the label '{features.label}' is {values[0] if len(values) else 'absent'} in all training examples",
            "a model can only learn to tell apart what differs",
        )
    if _has_vocabulary(features.label, graph):
        return _classes(graph.vocabulary_size_by_name(vocabulary_name(features.label)))
    whole = values.dtype.kind in "iu"
    if set(values.tolist()) == {0, 1} or (whole and values.tolist() == list(range(len(values)))):
        return _classes(len(values))
    return Problem("regression", 0)


def _classes(count: int) -> Problem:
    return Problem("binary" if count == 2 else "multi-class", count)


def _has_vocabulary(name: str, graph: tft.TFTransformOutput) -> bool:
    return graph.vocabulary_file_by_name(vocabulary_name(name)) is not None


def _label_values(features: Features, patterns: list[str]) -> Any:
    """The distinct values of the label, in order."""
    spec = {features.label: features.spec[features.label]}
    if not isinstance(spec[features.label], tf.io.FixedLenFeature):
        raise StepFailed(f"the label '{features.label}' is absent from some examples", "leave those examples out")
    found: Any = np.array([], spec[features.label].dtype.as_numpy_dtype)
    for serialized in features.dataset(patterns).batch(BATCH):
        parsed = tf.io.parse_example(serialized, spec)[features.label].numpy()
        found = np.union1d(found, parsed.ravel())
    return found
