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
    blocks, members = merge(features)
    while True:
        for feature in blocks:
            _alone(feature)
        waiting = [feature for feature in blocks if on_numbers.needs_statistics(feature)]
        if not waiting:
            return {name: values for feature in blocks for name, values in split(feature, members)}
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
    feature.values = tf.cast(floats, tf.float32)
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


def merge(features: list[Feature]) -> tuple[list[Feature], dict[str, list[str]]]:
    """Put features of one number and one treatment side by side as one: a graph of few nodes is built in less time.

    Args:
        features: as ``_begin`` makes them.

    Returns:
        Those that are left and the merged ones; and by the name of each merged one, those of the columns in it.
    """
    alike: dict[str, list[Feature]] = {}
    rest = []
    for feature in features:
        if feature.kind == NUMBER and feature.filling is not None:
            mergeable = feature.values.shape[1:] == [1] and all(
                c.method in on_numbers.OF_A_COLUMN for c in feature.calls
            )
            key = f"{feature.calls}{feature.filling}" if mergeable else feature.name
            alike.setdefault(key, []).append(feature)
        else:
            rest.append(feature)
    members: dict[str, list[str]] = {}
    for several in alike.values():
        first = several[0]
        if len(several) > 1:
            members[first.name] = [feature.name for feature in several]
            first.values = tf.concat([feature.values for feature in several], axis=1)
            first.calls = [Call(c.method, {**c.parameters, "by": "element"}) for c in first.calls]
            first.by_element = True
        first.values = tf.where(tf.math.is_finite(first.values), first.values, float("nan"))
        rest.append(first)
    return rest, members


def split(feature: Feature, members: dict[str, list[str]]) -> list[tuple[str, tf.Tensor]]:
    """Take a merged feature apart again.

    Args:
        feature: when all its methods have been applied.
        members: as ``merge`` gives them.

    Returns:
        Name and values of each output.
    """
    values = _end(feature)
    if feature.name not in members:
        return [(feature.name, values)]
    names = members[feature.name]
    return list(zip(names, tf.split(values, len(names), axis=1), strict=True))


def _end(feature: Feature) -> tf.Tensor:
    if isinstance(feature.values, tf.SparseTensor):
        raise StepFailed(
            f"feature '{feature.name}' {SEVERAL}",
            "end with {method: pad, length: …}, 'bag_of_words', 'tfidf' or 'word_count'",
        )
    return feature.values
