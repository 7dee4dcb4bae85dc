"""The metrics of ResultsEvaluator, on scikit-learn's.

This module imports NumPy and scikit-learn; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn import metrics

from zenrepo.steps.evaluator.answers import Answers

Measure = Callable[[Answers], float]


class Metric(NamedTuple):
    """How a metric is measured.

    Args:
        of: measures it.
        needs_scores: whether predictions alone will not do.
    """

    of: Measure
    needs_scores: bool = False


def _predicted(score: Callable[..., float], **options: object) -> Metric:
    return Metric(lambda answers: score(answers.labels, answers.predictions, **options))


def _ranked(score: Callable[..., float], **options: object) -> Metric:
    """Measure the score of class 1 between two."""
    return Metric(lambda answers: score(answers.labels, answers.scores[:, -1], **options), needs_scores=True)


def _log_loss(answers: Answers) -> float:
    scores = answers.scores.astype(float)
    if scores.shape[1] == 1:
        scores = np.hstack([1 - scores, scores])
    scores = scores / np.maximum(scores.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return float(metrics.log_loss(answers.labels, scores, labels=range(scores.shape[1])))


def _top(answers: Answers, k: int) -> float:
    classes = range(answers.scores.shape[1])
    return float(metrics.top_k_accuracy_score(answers.labels, answers.scores, k=k, labels=classes))


def _balanced_accuracy(answers: Answers) -> float:
    """Give the mean over the classes of the share of each that is recognised."""
    hit = answers.labels == answers.predictions
    return float(np.mean([hit[answers.labels == label].mean() for label in np.unique(answers.labels)]))


def _binary(score: Callable[..., float]) -> Metric:
    """Measure a score of class 1; between two text labels, of the later one in the alphabet."""

    def of(answers: Answers) -> float:
        return float(score(answers.labels, answers.predictions, pos_label=_positive(answers), zero_division=0))

    return Metric(of)


def _positive(answers: Answers) -> object:
    return 1 if answers.labels.dtype.kind in "iuf" else max(np.unique(answers.labels))


_macro = partial(_predicted, average="macro", zero_division=0)
_ACCURACY = {"accuracy": _predicted(metrics.accuracy_score), "balanced_accuracy": Metric(_balanced_accuracy)}
_LOG_LOSS = {"log_loss": Metric(_log_loss, needs_scores=True)}

METRICS_OF: dict[str, dict[str, Metric]] = {
    "binary": _ACCURACY
    | {
        "precision": _binary(metrics.precision_score),
        "recall": _binary(metrics.recall_score),
        "f1": _binary(metrics.f1_score),
        "roc_auc": _ranked(metrics.roc_auc_score),
        "average_precision": _ranked(metrics.average_precision_score),
    }
    | _LOG_LOSS,
    "multi-class": _ACCURACY
    | {
        "precision": _macro(metrics.precision_score),
        "recall": _macro(metrics.recall_score),
        "f1": _macro(metrics.f1_score),
        "top_3_accuracy": Metric(partial(_top, k=3), needs_scores=True),
    }
    | _LOG_LOSS,
    "regression": {
        "mean_squared_error": _predicted(metrics.mean_squared_error),
        "root_mean_squared_error": Metric(
            lambda answers: float(np.sqrt(metrics.mean_squared_error(answers.labels, answers.predictions)))
        ),
        "mean_absolute_error": _predicted(metrics.mean_absolute_error),
        "median_absolute_error": _predicted(metrics.median_absolute_error),
        "r2": _predicted(metrics.r2_score),
    },
}
"""By problem and name."""

ONE_CLASS_SAYS_NOTHING = ("roc_auc", "average_precision", "r2")
"""The metrics that have no value where all labels are the same."""
