"""The problem that a label poses.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from zenrepo.errors import StepFailed
from zenrepo.steps.trainer.features import BATCH, Features

BINARY, MULTI_CLASS, REGRESSION = "binary", "multi-class", "regression"


@dataclass(frozen=True)
class Problem:
    """What a label asks for.

    Args:
        kind: ``binary``, ``multi-class`` or ``regression``.
        classes: how many there are; 0 for a regression.
        names: of the classes, in the order of their indices: texts, or numbers as texts.
        counts: of the training examples of each class.
    """

    kind: str
    classes: int
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def outputs(self) -> int:
        """How many numbers a model gives for an example: one for each class, but a single one between two."""
        return self.classes if self.kind == MULTI_CLASS else 1


def problem_of(features: Features, train: list[str], evaluation: list[str]) -> Problem:
    """Infer the problem from the label's values in the training data.

    Args:
        features: of the examples.
        train: patterns of the files of the training data.
        evaluation: the same of the data to validate on.

    Returns:
        The problem: a label with a vocabulary, or whole numbers that are exactly 0 to k-1, are a classification among
        k classes; the numbers 0.0 and 1.0 alone one between two; anything else is a regression.

    Raises:
        StepFailed: if all labels are the same, some are no number, or ``evaluation`` has a class that ``train`` lacks.
    """
    values, counts = _label_values(features, train)
    if len(values) < 2:
        raise StepFailed(
            f"the label '{features.label}' is {values[0] if len(values) else 'absent'} in all training examples",
            "a model can only learn to tell apart what differs",
        )
    vocabulary = features.vocabulary(features.label)
    from_0 = values.dtype.kind in "iu" and values.tolist() == list(range(len(values)))
    numbered = from_0 or set(values.tolist()) == {0, 1}
    if vocabulary is None and not numbered:
        return Problem(REGRESSION, 0)
    names = tuple(vocabulary) if vocabulary is not None else tuple(str(int(value)) for value in values)
    by_class = dict(zip(values.astype(int).tolist(), counts.tolist(), strict=True))
    kind = BINARY if len(names) == 2 else MULTI_CLASS
    problem = Problem(kind, len(names), names, tuple(by_class.get(i, 0) for i in range(len(names))))
    _check_classes(features, problem, evaluation)
    return problem


def _check_classes(features: Features, problem: Problem, evaluation: list[str]) -> None:
    values, counts = _label_values(features, evaluation)
    unknown = (values < 0) | (values >= problem.classes) | (values != values.astype(int))
    if unknown.any():
        raise StepFailed(
            f"the label '{features.label}' of {counts[unknown].sum()} evaluation examples is a class that no training "
            "example has",
            "split otherwise, such as by class, or leave the rare class out",
        )


def _label_values(features: Features, patterns: list[str]) -> tuple[Any, Any]:
    """The distinct values of the label, in order, and how many examples have each."""
    label = features.label
    spec = {label: features.spec[label]}
    if not isinstance(spec[label], tf.io.FixedLenFeature):
        raise StepFailed(f"the label '{label}' is absent from some examples", "leave those examples out")
    if spec[label].dtype == tf.string or int(np.prod(spec[label].shape, dtype=int)) != 1:
        what = "text" if spec[label].dtype == tf.string else "several values"
        raise StepFailed(f"the label '{label}' is {what}", "let the preprocess step make it one number")
    found: dict[Any, int] = {}
    for serialized in features.dataset(patterns).batch(BATCH):
        values, counts = np.unique(tf.io.parse_example(serialized, spec)[label].numpy(), return_counts=True)
        if not np.isfinite(values).all():
            raise StepFailed(f"the label '{label}' is no number in some examples", "leave those examples out")
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            found[value] = found.get(value, 0) + count
    ordered = sorted(found)
    return np.array(ordered, spec[label].dtype.as_numpy_dtype), np.array([found[value] for value in ordered], int)
