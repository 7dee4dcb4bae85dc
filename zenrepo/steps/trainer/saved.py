"""A model of another framework than TensorFlow: its own file, the transform, and a note that says what they are.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader

from zenrepo.errors import StepFailed
from zenrepo.steps.trainer.extra import need
from zenrepo.steps.trainer.features import Features

NOTE, TRANSFORM = "zenrepo_model.json", "transform"
EXPORTED, ESTIMATOR = "model.pt2", "model.joblib"


def write_note(folder: str, framework: str, tests: Any, **more: Any) -> None:
    """Write beside a model what loading it takes: the note, and the transform.

    Args:
        folder: of the model.
        framework: ``torch`` or ``sklearn``.
        tests: what the model was trained for, a ``zenrepo.steps.trainer.results.Tests``.
        more: what the framework's loader needs to know.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree(tests.graph_folder, Path(folder, TRANSFORM))
    note = {
        "framework": framework,
        "label": tests.features.label,
        "stacked": tests.features.stacked,
        "problem": tests.problem.kind,
        "classes": list(tests.problem.names),
        **more,
    }
    Path(folder, NOTE).write_text(json.dumps(note, indent=1, ensure_ascii=False), encoding="utf-8")


class Model:
    """A loaded model of another framework.

    Args:
        folder: of the model.

    Attributes:
        inputs: how the features that it takes are parsed, by name.
    """

    def __init__(self, folder: str) -> None:
        self._note = json.loads(Path(folder, NOTE).read_text(encoding="utf-8"))
        need(self._note["framework"], "the model")
        graph = tft.TFTransformOutput(str(Path(folder, TRANSFORM)))
        self._features = Features(graph, self._note["label"], stacked=self._note["stacked"])
        self._raw = graph.raw_feature_spec()
        self.inputs = self._features.raw_inputs()
        self._transform = SavedModelLoader(graph.transform_savedmodel_dir)
        self._predict = {"torch": _exported, "sklearn": _estimator}[self._note["framework"]](folder, self._note)

    def __call__(self, serialized: Any) -> dict[str, Any]:
        """Predict.

        Args:
            serialized: n serialized ``tf.Example``, as they were before preprocessing.

        Returns:
            ``predictions``, of shape (n, outputs).
        """
        transformed = self._transform.apply_transform_model(tf.io.parse_example(list(serialized), self.inputs))
        given = np.asarray(self._predict(self._features, transformed), np.float32)
        return {"predictions": given.reshape(len(serialized), -1)}

    def label_indices(self, serialized: Any, label: str) -> Any:
        """Say which class the label of each example is.

        Raises:
            StepFailed: if the model was trained for another label.
        """
        if label != self._note["label"]:
            raise StepFailed(f"the model predicts '{self._note['label']}', not '{label}'", "name that as the label")
        transformed = self._transform.apply_transform_model(tf.io.parse_example(list(serialized), self._raw))
        return transformed[label].numpy().reshape(-1)


def load(folder: str) -> Model:
    """Load a model.

    Args:
        folder: of the model.

    Returns:
        The model, as a function of serialized examples.
    """
    return Model(folder)


def _exported(folder: str, note: dict[str, Any]) -> Any:
    """Load a PyTorch module that was exported."""
    import torch

    from zenrepo.steps.trainer.torch_training import probabilities, tensors

    module = torch.export.load(Path(folder, EXPORTED)).module()

    def predict(features: Features, transformed: dict[str, Any]) -> Any:
        with torch.no_grad():
            outputs = module(tensors(features.assemble(transformed)))
        return probabilities(outputs, note["problem"]).numpy()

    return predict


def _estimator(folder: str, note: dict[str, Any]) -> Any:
    """Load a scikit-learn estimator."""
    import joblib

    from zenrepo.steps.trainer.sklearn_training import given, matrix

    estimator = joblib.load(Path(folder, ESTIMATOR))
    return lambda features, transformed: given(
        estimator, matrix(features, transformed, one_hot=note["one_hot"]), note["problem"], len(note["classes"])
    )
