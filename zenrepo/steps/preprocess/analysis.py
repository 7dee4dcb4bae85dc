"""Statistics of many numeric features at once: an analyzer costs about a second, however many columns it has.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform import analyzers

EPSILON = 0.01


@dataclass(frozen=True)
class Numbers:
    """Numeric values of a feature.

    Args:
        values: float32 of shape (batch, width); ``nan`` where one is missing.
        by_element: whether each of the ``width`` elements has statistics of its own.
    """

    values: tf.Tensor
    by_element: bool

    @property
    def width(self) -> int:
        """How many values an example has."""
        return int(self.values.shape[1])

    @property
    def rows_of_example(self) -> int:
        """Of how many rows of a matrix one example makes: each of its values one, unless they are columns."""
        return 1 if self.by_element else self.width


Statistic = Callable[[tf.Tensor], tuple[tf.Tensor, ...]]


def pooled(features: dict[str, Numbers], statistic: Statistic) -> dict[str, tuple[tf.Tensor, ...]]:
    """Compute statistics of features, with one analyzer for all of the same number of rows.

    Args:
        features: by name.
        statistic: takes a matrix of shape (rows, columns), gives tensors of shape (columns, …).

    Returns:
        By name, what the statistic gave for the feature's columns: of shape (1 or width, …).
    """
    found: dict[str, tuple[tf.Tensor, ...]] = {}
    for rows in sorted({numbers.rows_of_example for numbers in features.values()}):
        alike = {name: numbers for name, numbers in features.items() if numbers.rows_of_example == rows}
        results = statistic(matrix(alike.values()))
        if len(alike) == 1:
            found |= dict.fromkeys(alike, results)
            continue
        begin = 0
        for name, numbers in alike.items():
            end = begin + numbers.width // rows
            found[name] = tuple(result[begin:end] for result in results)
            begin = end
    return found


def matrix(features: Iterable[Numbers]) -> tf.Tensor:
    """Put the values of features of the same number of rows side by side."""
    columns = [n.values if n.by_element else tf.reshape(n.values, [-1, 1]) for n in features]
    return columns[0] if len(columns) == 1 else tf.concat(columns, axis=1)


def moments(values: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Compute mean and variance of each column; 0 and 0 of one without any value."""
    mean, variance = analyzers._mean_and_var(values, reduce_instance_dims=False)  # noqa: SLF001 - publicly, two analyzers
    return _finite(mean), _finite(variance)


def extremes(values: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Compute least and greatest value of each column; 0 and 0 of one without any value."""
    count = int(values.shape[1])
    both = tf.concat([-values, values], axis=1)
    lowest = tf.fill(tf.shape(both), tf.float32.min)
    greatest = tft.max(tf.where(tf.math.is_nan(both), lowest, both), reduce_instance_dims=False)
    known = tf.where(greatest > tf.float32.min, greatest, tf.zeros_like(greatest))
    return -known[:count], known[count:]


def quantiles(buckets: int) -> Statistic:
    """Make the statistic that gives the ``buckets - 1`` inner boundaries of equally filled buckets of each column."""

    def boundaries(values: tf.Tensor) -> tuple[tf.Tensor, ...]:
        found = tft.quantiles(values, buckets, min(1.0 / buckets, EPSILON), reduce_instance_dims=False)
        return (_finite(tf.reshape(found, [values.shape[1], buckets - 1])),)

    return boundaries


def _finite(values: tf.Tensor) -> Any:
    return tf.where(tf.math.is_finite(values), values, tf.zeros_like(values))
