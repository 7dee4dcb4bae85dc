"""Trains a Keras model.

This module imports Keras; only methods of steps that run import it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import tensorflow_transform as tft

from zenrepo.errors import StepFailed
from zenrepo.steps.trainer.epochs import Epochs
from zenrepo.steps.trainer.features import Features
from zenrepo.steps.trainer.folders import checkpoint_folder
from zenrepo.steps.trainer.problem import BINARY, MULTI_CLASS, REGRESSION, Problem, problem_of
from zenrepo.steps.trainer.results import Tests
from zenrepo.steps.trainer.serving import Served
from zenrepo.steps.trainer.weights import class_weights

if TYPE_CHECKING:  # the step imports this module
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.keras_trainer import KerasTrainer

SHUFFLE = 10_000
LOSSES = {
    BINARY: "binary_crossentropy",
    MULTI_CLASS: "sparse_categorical_crossentropy",
    REGRESSION: "mean_squared_error",
}
LOSS_CURE = "lower 'learning_rate', and let the preprocess step scale every number"


def train(step: KerasTrainer, fn_args: FnArgs) -> None:
    """Train a model, save it as a SavedModel and test it.

    Args:
        step: the trainer.
        fn_args: TFX's: where the examples are and where the model goes.

    Raises:
        StepFailed: as ``KerasTrainer.run_fn`` says.
    """
    keras.utils.set_random_seed(step.seed)
    graph = tft.TFTransformOutput(fn_args.transform_output)
    features = Features(graph, step.label, stacked=step.STACKED)
    problem = problem_of(features, fn_args.train_files, fn_args.eval_files)
    model = _compiled(step.model_fn(features, problem), problem, step.learning_rate)
    history = _fit(step, model, features, problem, fn_args)
    served = Served(lambda inputs: model(_taken(model, inputs), training=False), features, graph, fn_args.schema_path)
    served.track(model)
    tests = Tests(fn_args, features, problem, graph, lambda inputs: model.predict_on_batch(_taken(model, inputs)))
    step.test_fn(tests)
    tests.check()
    served.save(fn_args.serving_model_dir)
    last = {name: round(float(values[-1]), 6) for name, values in history.history.items()}
    epochs = history.epoch[-1] + 1 if history.epoch else step.epochs
    step.facts.update(problem=problem.kind, parameters=model.count_params(), epochs=epochs, **last)


def _fit(step: KerasTrainer, model: Any, features: Features, problem: Problem, fn_args: FnArgs) -> Any:
    """Fit the model, and give Keras' history of it."""
    weights = class_weights(step.class_weights, problem)
    log = Path(fn_args.model_run_dir)
    return model.fit(
        _fed(model, step.input_fn(fn_args.train_files, features, training=True)),
        validation_data=_fed(model, step.input_fn(fn_args.eval_files, features, training=False)),
        epochs=step.epochs,
        verbose=2,
        class_weight=None if weights is None else dict(enumerate(weights)),
        callbacks=[
            _StopWithoutNumber(),
            _Progress(step.epochs),
            keras.callbacks.CSVLogger(str(log / "history.csv")),
            keras.callbacks.TensorBoard(str(log), write_graph=False),
            *_callbacks(step, fn_args),
        ],
    )


def _taken(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the model has no input for."""
    wanted = getattr(model, "input", None) if hasattr(model, "inputs") and model.built else None
    return {name: inputs[name] for name in wanted} if isinstance(wanted, dict) else inputs


def _fed(model: Any, batches: Any) -> Any:
    """Leave out of batches what the model has no input for."""
    if not hasattr(batches, "map"):
        return batches
    return batches.map(lambda inputs, *rest: (_taken(model, inputs), *rest))


def _callbacks(step: KerasTrainer, fn_args: FnArgs) -> list[Any]:
    """Stop early and keep checkpoints, where the step says so."""
    found: list[Any] = []
    if step.early_stopping:
        found.append(
            keras.callbacks.EarlyStopping(
                "val_loss", patience=step.early_stopping, restore_best_weights=True, verbose=1
            )
        )
    folder = checkpoint_folder(fn_args)
    if step.checkpoints and folder:
        found.append(keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False))
    return found


class _StopWithoutNumber(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types that mypy is shown
    """Fails as soon as the loss is not a number."""

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the loss of the epoch so far."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise StepFailed(f"the loss became {loss} in batch {batch + 1} of an epoch", LOSS_CURE)


class _Progress(keras.callbacks.Callback):  # type: ignore[misc] # as above
    """Says how far the training is."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = Epochs(epochs)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Say how many epochs are over."""
        self._epochs.begin(epoch)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Count a batch."""
        self._epochs.batch()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Count the epoch."""
        self._epochs.end()


def _compiled(model: Any, problem: Problem, learning_rate: float) -> Any:
    """Check what ``model_fn`` made, and compile it where it is not compiled."""
    if not isinstance(model, keras.Model):
        raise StepFailed(f"model_fn gave a {type(model).__name__}, which is no Keras model", "return a keras.Model")
    if model.built and len(getattr(model, "outputs", None) or []) == 1:
        shape = tuple(model.output_shape)
        if shape != (None, problem.outputs):
            raise StepFailed(
                f"the model's output has the shape {shape}, but a {problem.kind} problem"
                f"{f' of {problem.classes} classes' if problem.classes else ''} needs (None, {problem.outputs})",
                "end with keras.layers.Dense(problem.outputs)",
            )
    if not model.compiled:
        model.compile(
            optimizer=keras.optimizers.Adam(learning_rate),
            loss=LOSSES[problem.kind],
            metrics=["mean_absolute_error" if problem.kind == REGRESSION else "accuracy"],
            jit_compile=False,  # compiling a network of this size takes longer than training it
        )
    return model
