"""A feature on its way through its treatment.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf
from tensorflow_transform import schema_inference

from zenrepo.errors import StepFailed
from zenrepo.steps.preprocess.methods import FILLINGS, METHODS, NUMBER, TEXT, Call, given


@dataclass(eq=False)
class Feature:
    """A feature, with what has been made of it and what is still to be done.

    Args:
        name: of the output.
        kind: of the values now: ``NUMBER``, ``TEXT`` or ``INDEX``.
        values: of shape (batch, …). Of text a sparse tensor where the number of values differs; of numbers float32,
            with ``nan`` for a missing one.
        calls: the methods that are still to be applied.
        filling: what a missing value becomes; ``None`` once that is done.
        depth: of indices, how many there are.
        by_element: whether each element of the values has statistics of its own, whatever the next method says.
    """

    name: str
    kind: str
    values: tf.Tensor
    calls: list[Call]
    filling: Call | None = None
    depth: int | None = None
    by_element: bool = False

    def become(self, kind: str, values: tf.Tensor, depth: int | None = None) -> None:
        """Go on with other values."""
        self.kind, self.values, self.depth = kind, values, depth

    def check(self) -> None:
        """Refuse methods and a filling that the feature's type does not fit.

        Raises:
            StepFailed: naming feature, method and what the feature is.
        """
        kind = self.kind
        for call in self.calls:
            takes = METHODS[call.method].takes
            if kind not in takes:
                raise StepFailed(
                    f"feature '{self.name}' is {kind}, but '{call.method}' takes {' or '.join(takes)}",
                    _cast_hint(kind, call),
                )
            kind = given(call, kind)
        filled = NUMBER if self.read_as_numbers else self.kind
        if self.filling is not None and filled not in FILLINGS[self.filling.method].takes:
            raise StepFailed(
                f"feature '{self.name}' is {filled}, but the filling '{self.filling.method}' is not for that",
                f"fill with {' or '.join(name for name, filling in FILLINGS.items() if filled in filling.takes)}",
            )

    @property
    def read_as_numbers(self) -> bool:
        """Whether the next method reads texts as numbers, and so also says which of them are missing."""
        return bool(self.calls) and self.calls[0].method == "cast" and self.calls[0]["to"] == "number"


Apply = Callable[[Feature, Call], None]
"""Applies a method to a feature, in place."""


def _cast_hint(kind: str, call: Call) -> str:
    other = {NUMBER: "text", TEXT: "number"}.get(kind, "number")
    return f"put {{method: cast, to: {other}}} before '{call.method}', or choose another method"


def mark_indices(values: tf.Tensor, depth: int) -> tf.Tensor:
    """Write into the schema that values are indices from 0 to ``depth - 1``, for the trainer.

    Args:
        values: int64.
        depth: how many indices there are.

    Returns:
        The same values.
    """
    marked = tf.identity(values)
    schema_inference.set_tensor_schema_override(marked, tf.constant(0, tf.int64), tf.constant(depth - 1, tf.int64))
    return marked


def dense(name: str, values: tf.Tensor, missing: str | float) -> tf.Tensor:
    """Make a dense tensor of a feature that has at most one value in an example.

    Args:
        name: of the feature.
        values: dense, or sparse where some examples have no value.
        missing: stands for what is missing.

    Returns:
        A tensor of shape (batch, 1), or the dense one as it is.
    """
    if not isinstance(values, tf.SparseTensor):
        return values
    one_column = tf.SparseTensor(values.indices, values.values, [values.dense_shape[0], 1])
    return tf.reshape(tf.sparse.to_dense(one_column, default_value=missing), [-1, 1])


def padded(values: tf.Tensor, length: int, missing: str | float) -> tf.Tensor:
    """Cut or fill the values of each example to a length.

    Args:
        values: dense or sparse, of shape (batch, values).
        length: how many values an example shall have.
        missing: stands behind the last value.

    Returns:
        A tensor of shape (batch, length).
    """
    if not isinstance(values, tf.SparseTensor):
        short = values[:, :length]
        filled = tf.pad(short, [[0, 0], [0, length - min(length, int(values.shape[1]))]], constant_values=missing)
        return tf.reshape(filled, [-1, length])
    cut = tf.sparse.slice(values, [0, 0], [values.dense_shape[0], length])
    wide = tf.SparseTensor(cut.indices, cut.values, [values.dense_shape[0], length])
    return tf.reshape(tf.sparse.to_dense(wide, default_value=tf.cast(missing, values.dtype)), [-1, length])


def sparse(values: tf.Tensor) -> tf.SparseTensor:
    """Give texts as a sparse tensor without the empty ones, which are missing."""
    return values if isinstance(values, tf.SparseTensor) else tf.sparse.from_dense(values)
