"""ResultsEvaluator: what a model of any framework answered, against the truth.

NumPy and scikit-learn are imported in the methods that run: this module is also imported where they are not installed.
"""

from __future__ import annotations

from typing import Any

from zenrepo.errors import StepArgumentError, did_you_mean
from zenrepo.steps.checks import text, texts
from zenrepo.steps.evaluator.arguments import slices_of
from zenrepo.steps.evaluator.thresholds import bounds_of
from zenrepo.steps.interfaces.evaluator import Evaluation, EvaluatorStep

CLASSIFICATION = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "log_loss")
METRICS = {
    "binary": (*CLASSIFICATION, "roc_auc", "average_precision"),
    "multi-class": (*CLASSIFICATION, "top_3_accuracy"),
    "regression": (
        "mean_squared_error",
        "root_mean_squared_error",
        "mean_absolute_error",
        "median_absolute_error",
        "r2",
    ),
}
"""By problem, the metrics that there are. ``precision``, ``recall`` and ``f1`` among several classes are means over
the classes, each class counting the same."""


class ResultsEvaluator(EvaluatorStep):
    """Measures what a model answered, of whatever framework it is, and blesses it when every threshold is met.

    The answers are the trainer's test results, where it wrote some for the split and they have the features to slice
    by; else the model is asked for its predictions, as a ``BatchInferrer`` asks it.

    The problem follows from the answers: one score for each of several classes is a classification among them, labels
    that are text or all 0 or 1 with one score each a classification between two, anything else a regression.

    Args:
        label: the feature that the model predicts, as it is in the answers.
        metrics: which to measure, of those of the problem; all by default.
        slices: features, or lists of features whose values are crossed, by which the metrics are also taken apart.
        thresholds: by metric, the value that it must at least have, or a map of bounds, see ``EvaluatorStep``.
        split: the split that is measured.
        baseline: what changes are measured against, see ``EvaluatorStep``; ``blessed`` where thresholds name a change.
        model: the model to be measured where no trainer stands before, see ``EvaluatorStep``.
    """

    def __init__(
        self,
        *,
        label: str,
        metrics: list[str] | None = None,
        slices: list[Any] | None = None,
        thresholds: dict[str, Any] | None = None,
        split: str = "eval",
        baseline: str | None = None,
        model: str | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "label", label)
        text(name, "split", split)
        texts(name, "metrics", [] if metrics is None else metrics)
        known = sorted({metric for some in METRICS.values() for metric in some})
        for metric in metrics or []:
            if metric not in known:
                raise StepArgumentError(
                    name,
                    f"there is no metric '{metric}'",
                    did_you_mean(metric, known) or f"there are {', '.join(known)}",
                )
        self.label = label
        self.metrics = metrics or []
        self.slices = slices_of(name, slices)
        self.thresholds = bounds_of(name, thresholds)
        self.split, self.baseline, self.model = split, baseline, model

    def evaluate(self, evaluation: Evaluation) -> dict[str, float]:
        """Measure what the model answered.

        Raises:
            StepFailed: if there are no answers, they lack the label or the feature of a slice, or hold NaN.
        """
        from zenrepo.steps.evaluator.results import measure

        return measure(self, evaluation)
