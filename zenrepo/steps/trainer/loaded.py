"""A trained model in Python: predictions from features as they are before preprocessing.

TensorFlow, and what else the model needs, is imported in the functions that run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zenrepo.errors import UnknownName, UsageError

Rows = Mapping[str, Sequence[Any]]


def load_model(folder: str) -> LoadedModel:
    """Load a model that a trainer of zenrepo's saved.

    Args:
        folder: of the model, such as ``serving/cancer/1795357084``.

    Returns:
        The model.

    Raises:
        StepFailed: if there is no such model, or the library that it needs is not installed.
    """
    from zenrepo.steps.inferrer.loading import load

    return LoadedModel(folder, load(folder))


class LoadedModel:
    """A model that predicts. Made by ``load_model``.

    Args:
        folder: of the model.
        predictor: takes serialized examples, gives a map of arrays.
    """

    def __init__(self, folder: str, predictor: Any) -> None:
        self._folder = folder
        self._predictor = predictor

    def __call__(self, serialized: Iterable[bytes]) -> Any:
        """Predict serialized examples.

        Args:
            serialized: n ``tf.Example``, as they were before preprocessing.

        Returns:
            An array of shape (n, outputs).
        """
        import numpy as np

        return self._predictor(np.array(list(serialized), object))["predictions"]

    def predict(self, features: Rows) -> Any:
        """Predict plain features.

        Args:
            features: by name, n values, or lists of values; ``nan``, ``""`` and ``None`` are missing ones, and so is
                what is left out.

        Returns:
            An array of shape (n, outputs).

        Raises:
            UnknownName: for a feature that the model does not take.
            UsageError: for features of different numbers of values.
        """
        counts = {len(values) for values in features.values()}
        if len(counts) != 1:
            raise UsageError("the features have different numbers of values", "give each as many, one for an example")
        kinds = self._kinds()
        for name in features:
            if name not in kinds:
                raise UnknownName("feature", name, kinds, f"the model takes {', '.join(sorted(kinds))}")
        return self(_serialized(features, kinds, counts.pop()))

    def _kinds(self) -> dict[str, Any]:
        """The types of the features that the model takes, by name."""
        import tensorflow as tf

        spec_of = getattr(self._predictor, "inputs", None)
        if spec_of is not None:
            return {name: feature.dtype for name, feature in spec_of.items()}
        file = Path(self._folder, "assets.extra", FEATURES)
        if not file.exists():
            problem = f"the model in '{self._folder}' does not say which features it takes"
            raise UsageError(problem, "call it with serialized examples")
        return {name: tf.as_dtype(kind) for name, kind in json.loads(file.read_text(encoding="utf-8")).items()}


FEATURES = "features.json"
"""The file beside a SavedModel that has the types of its features by their names as they are in the data."""


def _serialized(features: Rows, kinds: dict[str, Any], count: int) -> list[bytes]:
    import tensorflow as tf

    examples = [tf.train.Example() for _ in range(count)]
    for name, rows in features.items():
        for example, given in zip(examples, rows, strict=True):
            values = given if isinstance(given, list | tuple) else [given]
            present = [value for value in values if not _is_missing(value)]
            feature = example.features.feature[name]
            if not present:
                continue
            if kinds[name] == tf.string:
                feature.bytes_list.value.extend(v if isinstance(v, bytes) else str(v).encode() for v in present)
            elif kinds[name].is_floating:
                feature.float_list.value.extend(float(value) for value in present)
            else:
                feature.int64_list.value.extend(int(value) for value in present)
    return [example.SerializeToString() for example in examples]


def _is_missing(value: Any) -> bool:
    return value is None or value in ("", b"") or (isinstance(value, float) and math.isnan(value))
