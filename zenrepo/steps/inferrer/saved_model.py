"""SavedModels as functions of serialized examples.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from zenrepo.errors import StepFailed

SIGNATURE = "serving_default"
TRANSFORM = "transform_features"


class SavedModel:
    """A SavedModel whose signature ``serving_default`` takes serialized examples.

    Args:
        folder: of the model.

    Raises:
        StepFailed: if it cannot be loaded, or has no such signature.
    """

    def __init__(self, folder: str) -> None:
        try:
            self._model = tf.saved_model.load(folder)  # what it holds lives as long as this
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise StepFailed(f"the model in '{folder}' cannot be loaded: {error}", "train or copy it again") from error
        if SIGNATURE not in self._model.signatures:
            listed = ", ".join(f"'{name}'" for name in self._model.signatures) or "none"
            raise StepFailed(
                f"the model in '{folder}' has no signature '{SIGNATURE}', but {listed}",
                "save it with one that takes serialized examples",
            )
        self._predict = self._model.signatures[SIGNATURE]
        taken = self._predict.structured_input_signature[1]
        self._input = next(iter(taken), "")
        if len(taken) != 1 or taken[self._input].dtype != tf.string:
            listed = ", ".join(f"'{name}'" for name in taken)
            raise StepFailed(
                f"signature '{SIGNATURE}' of the model in '{folder}' takes {listed}, not serialized examples",
                "save the model with a signature that takes one string tensor of serialized tf.Example",
            )

    def __call__(self, serialized: Any) -> dict[str, Any]:
        """Predict n serialized examples; give each output as an array of shape (n, …)."""
        outputs = self._predict(**{self._input: tf.constant(serialized)})
        return {name: value.numpy() for name, value in outputs.items()}

    def label_indices(self, serialized: Any, label: str) -> Any:
        """Ask the model's own transform for the classes of text labels."""
        if TRANSFORM not in self._model.signatures:
            raise StepFailed(
                f"the label '{label}' is text, and the model does not say which class is which",
                f"save it with a signature '{TRANSFORM}' that gives the label's index",
            )
        transform = self._model.signatures[TRANSFORM]
        name = next(iter(transform.structured_input_signature[1]))
        return transform(**{name: tf.constant(serialized)})[label].numpy().ravel()


def load(folder: str) -> SavedModel:
    """Load a SavedModel."""
    return SavedModel(folder)
