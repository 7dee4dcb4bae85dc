"""Loads a trained model of any framework as a function of serialized examples.

A model is a folder. A file in it says of which framework it is; ``LOADERS`` has, for each such file, the module whose
``load`` takes the folder. The frameworks themselves are imported only by the module that is asked.
"""

from __future__ import annotations

from abc import abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from zenrepo.errors import StepFailed

LOADERS = {
    "saved_model.pb": "zenrepo.steps.inferrer.saved_model",
    "zenrepo_model.json": "zenrepo.steps.trainer.saved",
}
"""By the file that marks a model of a framework, the module that loads it."""


class Predictor(Protocol):
    """A loaded model."""

    @abstractmethod
    def __call__(self, serialized: Any) -> dict[str, Any]:
        """Predict.

        Args:
            serialized: n serialized ``tf.Example``, as they were before preprocessing.

        Returns:
            By output, an array of shape (n, …); the main one is named ``predictions`` or stands first.
        """
        raise NotImplementedError

    @abstractmethod
    def label_indices(self, serialized: Any, label: str) -> Any:
        """Say which of the model's classes the label of each example is, where the label is text.

        Args:
            serialized: n serialized ``tf.Example``.
            label: the feature.

        Returns:
            An array of n whole numbers.

        Raises:
            StepFailed: if the model does not know.
        """
        raise NotImplementedError


def load(model: str) -> Predictor:
    """Load a model.

    Args:
        model: its folder.

    Returns:
        The model, as a function of serialized examples.

    Raises:
        StepFailed: if the folder holds a model of no framework that is known.
    """
    folder = Path(model)
    for marker, module in LOADERS.items():
        if (folder / marker).exists():
            predictor: Predictor = import_module(module).load(model)
            return predictor
    there = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    raise StepFailed(
        f"the model in '{model}' cannot be asked for predictions: it has none of {', '.join(LOADERS)}"
        + (f", only {', '.join(there)}" if there else ""),
        "let the trainer save a SavedModel, or write a step that loads it",
    )
