"""TFMAEvaluator: TensorFlow Model Analysis.

TensorFlow Model Analysis is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.steps.checks import text, texts
from zenrepo.steps.evaluator.arguments import slices_of
from zenrepo.steps.evaluator.thresholds import bounds_of
from zenrepo.steps.interfaces.evaluator import Evaluation, EvaluatorStep

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import tensorflow_model_analysis as tfma


class TFMAEvaluator(EvaluatorStep):
    """Measures a SavedModel with TensorFlow Model Analysis, and blesses it when every threshold is met.

    Override ``eval_config`` to measure anything that TensorFlow Model Analysis can.

    Args:
        label: the feature that the model predicts, as it is in the data.
        metrics: classes of Keras or TFMA metrics, such as ``AUC``. By default those of the problem: accuracy, AUC,
            precision, recall and cross-entropy between two classes; accuracy and cross-entropy among more; squared and
            absolute error for a regression.
        slices: features, or lists of features whose values are crossed, by which the metrics are also taken apart.
        thresholds: by the name of a metric in the report, such as ``auc``: the value that it must at least have, or a
            map of bounds, see ``EvaluatorStep``.
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
        self.label = label
        self.metrics = metrics or []
        self.slices = slices_of(name, slices)
        self.thresholds = bounds_of(name, thresholds)
        self.split, self.baseline, self.model = split, baseline, model

    def eval_config(self) -> tfma.EvalConfig:
        """Say what to measure; a config without metrics gets those of the problem.

        Thresholds in the config count beside the step's own.
        """
        from tensorflow_model_analysis.proto import config_pb2

        measures = config_pb2.MetricsSpec(metrics=[config_pb2.MetricConfig(class_name=name) for name in self.metrics])
        crossed = [config_pb2.SlicingSpec(feature_keys=features) for features in self.slices]
        return config_pb2.EvalConfig(
            model_specs=[config_pb2.ModelSpec(label_key=self.label)],
            metrics_specs=[measures],
            slicing_specs=[config_pb2.SlicingSpec(), *crossed],
        )

    def evaluate(self, evaluation: Evaluation) -> dict[str, float]:
        """Measure the model, and the baseline with it where there is one.

        Raises:
            StepFailed: if the model is no SavedModel, or the label or the feature of a slice is not in the examples.
        """
        from zenrepo.steps.evaluator.tfma_run import measure

        return measure(self, evaluation)
