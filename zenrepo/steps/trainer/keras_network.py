"""Keras models of transformed features.

This module imports Keras; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import keras

from zenrepo.steps.trainer.features import NUMBERS, Features
from zenrepo.steps.trainer.problem import BINARY, MULTI_CLASS, Problem

EMBEDDING = 16
"""The most numbers that one index becomes."""


def inputs_of(features: Features) -> dict[str, Any]:
    """Make a Keras input for each tensor that ``Features.assemble`` gives.

    Args:
        features: of the examples.

    Returns:
        The inputs, by the names that ``assemble`` has.
    """
    if features.stacked:
        found = {f"index_{i}": _input((features.width(n),), "int64") for i, n in enumerate(features.depths)}
        return found | ({NUMBERS: _input((features.total,), "float32")} if features.shapes else {})
    indices = {name: _input((features.width(name),), "int64") for name in features.depths}
    return {name: _input(shape, "float32") for name, shape in features.shapes.items()} | indices


def _input(shape: tuple[int, ...], kind: str) -> Any:
    return keras.Input(shape, dtype=kind)


def feed_forward(features: Features, problem: Problem, widths: list[int], dropout: float) -> Any:
    """Make a feed-forward network.

    Args:
        features: what it is fed with, stacked.
        problem: what it is to predict.
        widths: of the hidden layers.
        dropout: the share of a hidden layer's outputs that a training step leaves out.

    Returns:
        The model.
    """
    inputs = inputs_of(features)
    parts = [inputs[NUMBERS]] if NUMBERS in inputs else []
    for i, depth in enumerate(features.depths.values()):
        embedded = keras.layers.Embedding(depth, min(EMBEDDING, depth))(inputs[f"index_{i}"])
        parts.append(keras.layers.Flatten()(embedded))
    x = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for width in widths:
        x = keras.layers.Dense(width, activation="relu")(x)
        if dropout:
            x = keras.layers.Dropout(dropout)(x)
    activation = {BINARY: "sigmoid", MULTI_CLASS: "softmax"}.get(problem.kind)
    return keras.Model(inputs, keras.layers.Dense(problem.outputs, activation=activation)(x))
