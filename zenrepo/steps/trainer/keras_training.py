"""Trains a feed-forward network with Keras.

This module imports Keras; only methods of steps that run import it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import tensorflow_transform as tft

from zenrepo.steps.trainer.features import NUMBERS, Features, Problem, problem_of
from zenrepo.steps.trainer.serving import Served

if TYPE_CHECKING:  # the step imports this module
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.keras_feed_forward import KerasFeedForwardTrainer

SHUFFLE = 10_000
LOSSES = {
    "binary": "binary_crossentropy",
    "multi-class": "sparse_categorical_crossentropy",
    "regression": "mean_squared_error",
}
EMBEDDING = 16
"""The most numbers that one index becomes."""


def train(step: KerasFeedForwardTrainer, fn_args: FnArgs) -> None:
    """Train a network and save it as a SavedModel.

    Args:
        step: the arguments.
        fn_args: TFX's: where the examples are and where the model goes.
    """
    keras.utils.set_random_seed(step.seed)
    graph = tft.TFTransformOutput(fn_args.transform_output)
    features = Features(graph, step.label)
    problem = problem_of(features, graph, fn_args.train_files)
    network = build(step, features, problem)
    examples = features.dataset(fn_args.train_files).shuffle(SHUFFLE, seed=step.seed)
    history = network.fit(
        features.batches(examples, step.batch_size),
        validation_data=features.batches(features.dataset(fn_args.eval_files), step.batch_size),
        epochs=step.epochs,
        verbose=2,
        callbacks=[keras.callbacks.CSVLogger(str(Path(fn_args.model_run_dir, "history.csv")))],
    )
    Served(network, features, graph).save(fn_args.serving_model_dir)
    last = {name: round(float(values[-1]), 6) for name, values in history.history.items()}
    step.facts.update(problem=problem.kind, parameters=network.count_params(), epochs=step.epochs, **last)


def build(step: KerasFeedForwardTrainer, features: Features, problem: Problem) -> Any:
    """Build and compile the network.

    Args:
        step: the arguments.
        features: what it is fed with.
        problem: what it is to predict.

    Returns:
        The Keras model.
    """
    inputs = {}
    parts = []
    if features.numbers:
        inputs[NUMBERS] = keras.Input((sum(features.numbers.values()),), name=NUMBERS)
        parts.append(inputs[NUMBERS])
    for i, size in enumerate(features.texts.values()):
        inputs[f"index_{i}"] = keras.Input((), name=f"index_{i}", dtype="int64")
        parts.append(keras.layers.Embedding(size, min(EMBEDDING, size))(inputs[f"index_{i}"]))
    x = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for width in step.hidden_layers:
        x = keras.layers.Dense(width, activation="relu")(x)
        if step.dropout:
            x = keras.layers.Dropout(step.dropout)(x)
    network = keras.Model(inputs, _head(problem)(x))
    network.compile(
        optimizer=keras.optimizers.Adam(step.learning_rate),
        loss=LOSSES[problem.kind],
        metrics=["mean_absolute_error" if problem.kind == "regression" else "accuracy"],
        jit_compile=False,  # compiling a network of this size takes longer than training it
    )
    return network


def _head(problem: Problem) -> Any:
    if problem.kind == "multi-class":
        return keras.layers.Dense(problem.classes, activation="softmax")
    return keras.layers.Dense(1, activation="sigmoid" if problem.kind == "binary" else None)
