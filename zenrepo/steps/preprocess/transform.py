"""Applies treatments to a batch of features, all features' statistics of a round at once.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf

from zenrepo.errors import StepFailed
from zenrepo.steps.preprocess import on_numbers, on_texts
from zenrepo.steps.preprocess.feature import Feature, dense, padded
from zenrepo.steps.preprocess.methods import NUMBER, TEXT, Call, Treatment

MEAN = Call("mean", {})
SEVERAL = "has several values in some examples"


def transform(
    treatments: dict[str, Treatment], inputs: dict[str, tf.Tensor], several: Iterable[str], vocabulary_size: int
) -> dict[str, tf.Tensor]:
    """Transform a batch.

    Args:
        treatments: by the name of the output.
        inputs: by feature, as ``PreprocessStep.preprocessing_fn`` is given them.
        several: the features of which an example may have any number of values.
        vocabulary_size: of a vocabulary that is not told otherwise.

    Returns:
        By output, dense tensors of shape (batch, …).

    Raises:
        StepFailed: naming the feature that a treatment does not fit.
    """
    features = []
    for name, treatment in treatments.items():
        calls = [_whole(call, vocabulary_size) for call in treatment.calls]
        features.append(_begin(name, treatment, calls, inputs[treatment.source], treatment.source in several))
    while True:
        for feature in features:
            _alone(feature)
        waiting = [feature for feature in features if on_numbers.needs_statistics(feature)]
        if not waiting:
            return {feature.name: _end(feature) for feature in features}
        on_numbers.advance(waiting)


def _whole(call: Call, vocabulary_size: int) -> Call:
    """Say of a method what was left to its defaults."""
    if "top_k" in call.parameters and call["top_k"] is None:
        return Call(call.method, {**call.parameters, "top_k": vocabulary_size})
    return call


def _begin(name: str, treatment: Treatment, calls: list[Call], values: tf.Tensor, several: bool) -> Feature:
    is_text = values.dtype == tf.string
    feature = Feature(name, TEXT if is_text else NUMBER, values, calls, treatment.filling)
    feature.check()
    if is_text:
        feature.values = _pad_first(feature) if several else dense(name, values, "")
        if feature.read_as_numbers:
            feature.filling = feature.filling or MEAN
        return feature
    if calls and calls[0].method == "cast" and calls[0]["to"] == "text" and feature.filling is None:
        return _as_text(feature)
    if calls and calls[0].method == "none" and feature.filling is None:
        if isinstance(values, tf.SparseTensor):
            raise StepFailed(f"feature '{name}' has no value in some examples", "give it a 'filling'")
        return feature
    feature.filling = feature.filling or MEAN
    floats = _pad_first(feature) if several else dense(name, tf.cast(values, tf.float32), float("nan"))
    if isinstance(floats, tf.SparseTensor):
        raise StepFailed(f"feature '{name}' {SEVERAL}", "put {method: pad, length: …} first, or exclude it")
    floats = tf.cast(floats, tf.float32)
    feature.values = tf.where(tf.math.is_finite(floats), floats, tf.fill(tf.shape(floats), float("nan")))
    return feature


def _pad_first(feature: Feature) -> tf.Tensor:
    """Apply ``pad``, where it is the first method of a feature of several values."""
    if not feature.calls or feature.calls[0].method != "pad":
        return feature.values
    call = feature.calls.pop(0)
    return padded(feature.values, call["length"], "" if feature.kind == TEXT else call["value"])


def _as_text(feature: Feature) -> Feature:
    """Turn numbers into text as they are in the data: 7, not 7.0."""
    values = feature.values
    feature.calls.pop(0)
    floating = values.dtype.is_floating
    if isinstance(values, tf.SparseTensor):
        words = tf.strings.as_string(values.values, shortest=floating)
        values = dense(feature.name, tf.SparseTensor(values.indices, words, values.dense_shape), "")
    else:
        values = tf.strings.as_string(values, shortest=floating)
    feature.become(TEXT, values)
    return feature


def _alone(feature: Feature) -> None:
    """Apply the methods that need no statistics of other features, up to the next that does."""
    if feature.kind == TEXT and feature.filling is not None and not feature.read_as_numbers:
        on_texts.fill(feature)
    while feature.calls and not on_numbers.needs_statistics(feature):
        call = feature.calls.pop(0)
        if call.method == "none":
            continue
        if call.method == "pad":
            feature.values = padded(feature.values, call["length"], "" if feature.kind == TEXT else call["value"])
            continue
        methods = on_texts.ALONE if feature.kind == TEXT else on_numbers.ALONE
        methods[call.method](feature, call)


def _end(feature: Feature) -> tf.Tensor:
    if isinstance(feature.values, tf.SparseTensor):
        raise StepFailed(
            f"feature '{feature.name}' {SEVERAL}",
            "end with {method: pad, length: …}, 'bag_of_words', 'tfidf' or 'word_count'",
        )
    return feature.values
