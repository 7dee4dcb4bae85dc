"""The methods on numbers: those that need statistics are applied to all features at once, the others one by one.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import tensorflow as tf
import tensorflow_transform as tft

from zenrepo.errors import StepFailed
from zenrepo.steps.preprocess.analysis import Numbers, Statistic, extremes, matrix, moments, pooled, quantiles
from zenrepo.steps.preprocess.feature import Apply, Feature, mark_indices
from zenrepo.steps.preprocess.methods import INDEX, NUMBER, TEXT, Call

Found = tuple[tf.Tensor, ...]
GAUSSIAN = "scale_to_gaussian"
LEAST_LOGARITHM_OF = 1e-6


def advance(features: list[Feature]) -> None:
    """Fill the features and apply their next method that needs statistics, if any has one.

    Args:
        features: numeric ones with a filling or a method that needs statistics; changed in place.
    """
    wanted: dict[tuple[str, int], dict[str, Numbers]] = {}
    for feature in features:
        for call in _statistical(feature):
            wanted.setdefault(_statistic(call), {})[feature.name] = _numbers(feature)
    found = {key: pooled(columns, _compute(key)) for key, columns in wanted.items()}
    gaussian = [f for f in features if f.filling is None and f.calls and f.calls[0].method == GAUSSIAN]
    for feature in features:
        if feature not in gaussian:
            _fill_and_apply(feature, found)
    for by_element in (False, True):
        _to_gaussian([f for f in gaussian if _numbers(f).by_element == by_element])


def needs_statistics(feature: Feature) -> bool:
    """Whether ``advance`` has something to do for a feature."""
    return feature.kind == NUMBER and (
        feature.filling is not None or (bool(feature.calls) and feature.calls[0].method in (*STATISTICS, GAUSSIAN))
    )


def _statistical(feature: Feature) -> list[Call]:
    """The filling and the next method, as far as they need statistics."""
    calls = [*([feature.filling] if feature.filling else []), *feature.calls[:1]]
    return [call for call in calls if call.method in STATISTICS]


STATISTICS = {
    "mean": "moments",
    "scale_to_z_score": "moments",
    "min": "extremes",
    "max": "extremes",
    "scale_to_0_1": "extremes",
    "scale_by_min_max": "extremes",
    "median": "quantiles",
    "bucketize": "quantiles",
}


OF_A_COLUMN = ("scale_to_z_score", "scale_to_0_1", "scale_by_min_max", GAUSSIAN, "log", "clip")
"""The methods that make one number of one number, so that they can be applied to many features at once."""


def _statistic(call: Call) -> tuple[str, int]:
    return STATISTICS[call.method], {"median": 2}.get(call.method, call.parameters.get("num_buckets", 0))


def _compute(key: tuple[str, int]) -> Statistic:
    return {"moments": moments, "extremes": extremes}.get(key[0]) or quantiles(key[1])


def _numbers(feature: Feature) -> Numbers:
    """The values as a matrix, with statistics for each element where the next method asks for that."""
    by = feature.calls[0].parameters.get("by") if feature.calls else None
    return Numbers(_flat(feature.values), feature.by_element or by == "element")


def _flat(values: tf.Tensor) -> tf.Tensor:
    """Reshape to (batch, all other dimensions)."""
    if len(values.shape) == 2:
        return values
    width = 1
    for size in values.shape[1:]:
        width *= int(size)
    return tf.reshape(values, [-1, width])


def _fill_and_apply(feature: Feature, found: dict[tuple[str, int], dict[str, Found]]) -> None:
    values = _flat(feature.values)
    filling, feature.filling = feature.filling, None
    if filling is not None:
        statistics = found[_statistic(filling)][feature.name] if filling.method in STATISTICS else ()
        values = tf.where(tf.math.is_nan(values), _fill(filling, statistics), values)
    if not feature.calls or feature.calls[0].method not in STATISTICS:
        feature.values = _like(feature.values, values)
        return
    call = feature.calls.pop(0)
    statistics = found[_statistic(call)][feature.name]
    if call.method == "bucketize":
        _to_buckets(feature, values, statistics[0])
    else:
        feature.values = _like(feature.values, SCALINGS[call.method](values, statistics, call))


def _like(shaped: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Give values the shape that they had before."""
    return values if len(shaped.shape) == 2 else tf.reshape(values, [-1, *shaped.shape[1:]])


def _fill(filling: Call, statistics: Found) -> tf.Tensor:
    match filling.method:
        case "constant":
            return tf.constant(filling["value"], tf.float32)
        case "median":
            return tf.reshape(statistics[0], [-1])
        case "max":
            return statistics[1]
    return statistics[0]


def _z_score(values: tf.Tensor, statistics: Found, call: Call) -> tf.Tensor:
    mean, variance = statistics
    deviation = tf.sqrt(variance)
    return tf.where(deviation > 0, tf.math.divide_no_nan(values - mean, deviation), values - mean)


def _min_max(values: tf.Tensor, statistics: Found, call: Call) -> tf.Tensor:
    least, greatest = statistics
    low, high = call.parameters.get("output_min", 0.0), call.parameters.get("output_max", 1.0)
    return tf.math.divide_no_nan(values - least, greatest - least) * (high - low) + low


SCALINGS: dict[str, Callable[[tf.Tensor, Found, Call], tf.Tensor]] = {
    "scale_to_z_score": _z_score,
    "scale_to_0_1": _min_max,
    "scale_by_min_max": _min_max,
}


def _to_buckets(feature: Feature, values: tf.Tensor, boundaries: tf.Tensor) -> None:
    """Replace values by the indices of their buckets; boundaries have one row, or one for each column."""
    count, depth = int(boundaries.shape[0]), int(boundaries.shape[1]) + 1
    if count == 1:
        indices = tft.apply_buckets(values, boundaries)
    else:
        columns = [tft.apply_buckets(values[:, i : i + 1], boundaries[i : i + 1]) for i in range(count)]
        indices = tf.concat(columns, axis=1)
    feature.become(INDEX, mark_indices(indices, depth), depth)


def _to_gaussian(features: list[Feature]) -> None:
    """Make the values of features normally distributed, all at once."""
    alike: dict[int, list[Feature]] = {}
    for feature in features:
        alike.setdefault(_numbers(feature).rows_of_example, []).append(feature)
    for rows, several in alike.items():
        scaled = tft.scale_to_gaussian(matrix(map(_numbers, several)), elementwise=True)
        begin = 0
        for feature in several:
            end = begin + _numbers(feature).width // rows
            wide = tf.reshape(scaled[:, begin:end], [-1, _numbers(feature).width])
            feature.values = _like(feature.values, wide)
            feature.calls.pop(0)
            begin = end


def _element(function: Callable[[tf.Tensor, Call], tf.Tensor], feature: Feature, call: Call) -> None:
    feature.values = function(feature.values, call)


def _log(values: tf.Tensor, call: Call) -> tf.Tensor:
    return tf.math.log(tf.maximum(values + call["offset"], LEAST_LOGARITHM_OF))


def _clip(values: tf.Tensor, call: Call) -> tf.Tensor:
    low = values if call["min"] is None else tf.maximum(values, float(call["min"]))
    return low if call["max"] is None else tf.minimum(low, float(call["max"]))


def _pca(feature: Feature, call: Call) -> None:
    values = _flat(feature.values)
    if call["output_dim"] > int(values.shape[1]):
        raise StepFailed(
            f"'pca' of feature '{feature.name}' is to give {call['output_dim']} numbers of {values.shape[1]}",
            "give a smaller 'output_dim'",
        )
    feature.values = tf.matmul(values, tft.pca(values, call["output_dim"], tf.float32))


def _apply_buckets(feature: Feature, call: Call) -> None:
    _to_buckets(feature, _flat(feature.values), tf.constant([call["boundaries"]], tf.float32))


def _reshape(feature: Feature, call: Call) -> None:
    values, size = _flat(feature.values), 1
    for dimension in call["shape"]:
        size *= dimension
    if size != int(values.shape[1]):
        raise StepFailed(
            f"feature '{feature.name}' has {values.shape[1]} values in an example, which cannot have the shape "
            f"{call['shape']}",
            f"that shape holds {size}",
        )
    feature.values = tf.reshape(values, [-1, *call["shape"]])


def _resize(feature: Feature, call: Call) -> None:
    if len(feature.values.shape) != 4:
        raise StepFailed(
            f"feature '{feature.name}' is no image, which has height, width and channels",
            "put {method: reshape, shape: [height, width, channels]} before 'resize_image'",
        )
    size = [call["height"], call["width"]]
    feature.values = tf.ensure_shape(tf.image.resize(feature.values, size), [None, *size, int(feature.values.shape[3])])


def _one_hot(feature: Feature, call: Call) -> None:
    """Set one of ``depth`` numbers to 1, or none for a number that is not from 0 to ``depth - 1``."""
    depth = call["depth"] or feature.depth
    if depth is None:
        raise StepFailed(
            f"'one_hot' of feature '{feature.name}' does not know how many values there are",
            "give 'depth', or put 'bucketize', or {method: cast, to: text}, before it",
        )
    hot = tf.one_hot(tf.cast(feature.values, tf.int64), depth)
    feature.become(NUMBER, _flat(hot))


def _to_text(feature: Feature, call: Call) -> None:
    if call["to"] == "number":
        feature.become(NUMBER, tf.cast(feature.values, tf.float32))
        return
    words = tf.strings.as_string(feature.values, shortest=feature.values.dtype.is_floating)
    feature.become(TEXT, tf.where(tf.equal(words, "nan"), tf.zeros_like(words), words))


ALONE: dict[str, Apply] = {
    "log": partial(_element, _log),
    "clip": partial(_element, _clip),
    "pca": _pca,
    "apply_buckets": _apply_buckets,
    "reshape": _reshape,
    "resize_image": _resize,
    "one_hot": _one_hot,
    "cast": _to_text,
}
"""By name, the methods on numbers and indices that need no statistics of other features."""
