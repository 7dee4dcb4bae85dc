"""What a model answered, beside the truth.

This module imports NumPy and Arrow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import known_feature
from zenrepo.steps.evaluator.arguments import known_slices
from zenrepo.steps.inferrer.loading import load
from zenrepo.steps.interfaces.evaluator import decode, read_serialized

PREDICTION, SCORES = "prediction", "scores"


@dataclass(frozen=True)
class Answers:
    """The answers of a model to n examples.

    Args:
        labels: the truth, of shape (n,).
        predictions: of shape (n,); ``None`` where scores say it.
        scores: of shape (n, k), one column a class, or (n, 1); ``None`` where there are none.
        features: those to slice by, each of shape (n,), with ``None`` for a missing value.
    """

    labels: Any
    predictions: Any
    scores: Any
    features: Mapping[str, Any]


def read_answers(files: list[str], label: str, features: Iterable[str]) -> Answers:
    """Read test results.

    Args:
        files: as ``Evaluation`` gives them.
        label: the label's name in them.
        features: the features to slice by.

    Raises:
        StepFailed: if they lack the label, a feature or an answer.
    """
    wanted = sorted(set(features))
    parts: list[Answers] = []
    for batch in map(decode, read_serialized(files)):
        names = batch.schema.names
        known_feature("label", label, set(names) - {PREDICTION, SCORES})
        known_slices([wanted], names)
        if PREDICTION not in names and SCORES not in names:
            problem = f"the test results have neither '{PREDICTION}' nor '{SCORES}'"
            raise StepFailed(problem, "let the trainer write them")
        predictions = column(batch, PREDICTION) if PREDICTION in names else None
        scores = matrix(batch, SCORES) if SCORES in names else None
        parts.append(Answers(column(batch, label), predictions, scores, {name: first(batch, name) for name in wanted}))
    return _joined(parts)


def ask(model: str, batches: Iterator[Any], label: str, features: Iterable[str]) -> Answers:
    """Have a model predict serialized examples.

    Args:
        model: its folder.
        batches: arrays of serialized ``tf.Example``.
        label: the label in the examples.
        features: the features to slice by.

    Raises:
        StepFailed: if the examples lack the label or a feature, or the model is of no kind that can be asked.
    """
    wanted = sorted(set(features))
    predict = load(model)
    parts: list[Answers] = []
    for serialized in batches:
        batch = decode(serialized)
        known_feature("label", label, batch.schema.names)
        known_slices([wanted], batch.schema.names)
        labels = column(batch, label)
        if labels.dtype.kind not in "iuf":
            labels = predict.label_indices(serialized, label)
        outputs = predict(serialized)
        scores = outputs.get("predictions", next(iter(outputs.values()))).reshape(len(serialized), -1)
        parts.append(Answers(labels, None, scores, {name: first(batch, name) for name in wanted}))
    return _joined(parts)


def column(batch: pa.RecordBatch, name: str) -> Any:
    """Give a column that has one value in each row, as an array of shape (n,)."""
    values = batch.column(batch.schema.names.index(name)).flatten().to_numpy(zero_copy_only=False)
    if len(values) != batch.num_rows:
        raise StepFailed(
            f"'{name}' has {len(values)} values in {batch.num_rows} examples",
            "each example that a model is measured on needs one",
        )
    return values


def matrix(batch: pa.RecordBatch, name: str) -> Any:
    """Give a column that has as many values in every row, as an array of shape (n, k)."""
    values = batch.column(batch.schema.names.index(name)).flatten().to_numpy(zero_copy_only=False)
    if batch.num_rows == 0 or len(values) % batch.num_rows:
        raise StepFailed(f"'{name}' does not have as many values in every example", "let the trainer write one a class")
    return values.reshape(batch.num_rows, -1)


def first(batch: pa.RecordBatch, name: str) -> Any:
    """Give the first value of a column in each row, ``None`` where there is none, as an array of shape (n,)."""
    lists = batch.column(batch.schema.names.index(name))
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    found = np.full(batch.num_rows, None, object)
    starts = (np.cumsum(lengths) - lengths)[lengths > 0]
    found[lengths > 0] = lists.flatten().to_numpy(zero_copy_only=False)[starts]
    return found


def _joined(parts: list[Answers]) -> Answers:
    def join(values: list[Any]) -> Any:
        return None if any(value is None for value in values) else np.concatenate(values)

    if not parts:
        raise StepFailed("there are no examples to measure the model on", "see the steps before")
    return Answers(
        join([part.labels for part in parts]),
        join([part.predictions for part in parts]),
        join([part.scores for part in parts]),
        {name: np.concatenate([part.features[name] for part in parts]) for name in parts[0].features},
    )
