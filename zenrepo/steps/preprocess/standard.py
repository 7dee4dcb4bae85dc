"""StandardPreprocess: sane treatment of every feature by its type.

TensorFlow is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps.checks import known_feature, positive_whole, text, texts
from zenrepo.steps.interfaces.preprocess import PreprocessStep
from zenrepo.steps.vocabulary import vocabulary_name

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import tensorflow as tf


class StandardPreprocess(PreprocessStep):
    """Makes every feature ready for a model by its type; each keeps its name.

    * A numeric feature is scaled to mean 0 and variance 1; a missing value becomes the mean. All numeric features are
      analyzed together, which costs as much as one.
    * A string feature becomes the index of its value in the vocabulary of the training data, most frequent first. What
      is not in the vocabulary, a missing value too, has the index after the last.
    * The label is passed through as it is; a string label becomes its index in the label's vocabulary.

    Args:
        label: the feature to be predicted.
        exclude: features to leave out.
        vocabulary_size: how many values of a string feature are told apart.
    """

    def __init__(self, *, label: str, exclude: list[str] | None = None, vocabulary_size: int = 1000) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "label", label)
        texts(name, "exclude", [] if exclude is None else exclude)
        positive_whole(name, "vocabulary_size", vocabulary_size)
        self.label = label
        self.exclude = exclude or []
        self.vocabulary_size = vocabulary_size
        if label in self.exclude:
            raise StepArgumentError(name, f"exclude names the label '{label}'", "no model can be trained without it")

    def preprocessing_fn(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transform a batch.

        Args:
            inputs: by feature, dense tensors of shape (batch, 1), or sparse ones where some examples have no value.

        Returns:
            By feature, dense tensors of shape (batch, 1): float32 for a numeric feature, int64 for a string one.

        Raises:
            StepFailed: for a feature that is not there, and a label that some examples do not have.
        """
        import tensorflow as tf

        known_feature("label", self.label, inputs)
        for name in self.exclude:
            known_feature("feature", name, inputs)
        features = {n: t for n, t in inputs.items() if n != self.label and n not in self.exclude}
        if not features:
            raise StepFailed(f"no feature is left beside the label '{self.label}'", "exclude fewer of them")
        texts = sorted(n for n, t in features.items() if t.dtype == tf.string)
        numbers = sorted(n for n in features if n not in texts)
        outputs = {self.label: self._label(inputs[self.label])}
        outputs |= {name: self._text(name, features[name]) for name in texts}
        return outputs | self._numbers({name: features[name] for name in numbers})

    def _label(self, label: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf
        import tensorflow_transform as tft

        if isinstance(label, tf.SparseTensor):
            raise StepFailed(
                f"the label '{self.label}' has no value, or several, in some examples",
                "leave those examples out",
            )
        if label.dtype != tf.string:
            return label
        return tft.compute_and_apply_vocabulary(label, vocab_filename=vocabulary_name(self.label))

    def _text(self, name: str, values: tf.Tensor) -> tf.Tensor:
        import tensorflow_transform as tft

        dense = _dense(name, values, "")
        return tft.compute_and_apply_vocabulary(
            dense, top_k=self.vocabulary_size, num_oov_buckets=1, vocab_filename=vocabulary_name(name)
        )

    def _numbers(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Scale all numeric features as the columns of one matrix; what is not a number counts for nothing."""
        import tensorflow as tf
        import tensorflow_transform as tft

        if not features:
            return {}
        columns = [_dense(name, tf.cast(values, tf.float32), float("nan")) for name, values in features.items()]
        scaled = tft.scale_to_z_score(tf.concat(columns, axis=1), elementwise=True)
        filled = tf.where(tf.math.is_finite(scaled), scaled, tf.zeros_like(scaled))
        return {name: filled[:, i : i + 1] for i, name in enumerate(features)}


def _dense(name: str, values: tf.Tensor, missing: str | float) -> tf.Tensor:
    """Make a tensor of shape (batch, 1), with a value of its own for what is missing."""
    import tensorflow as tf

    if not isinstance(values, tf.SparseTensor):
        if len(values.shape) != 2 or values.shape[1] != 1:
            raise StepFailed(
                f"feature '{name}' has several values in an example", "exclude it, or preprocess it yourself"
            )
        return values
    one_column = tf.SparseTensor(values.indices, values.values, [values.dense_shape[0], 1])
    return tf.reshape(tf.sparse.to_dense(one_column, default_value=missing), [-1, 1])
