"""TFMAEvaluator: TensorFlow Model Analysis.

TensorFlow Model Analysis is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import text, texts
from zenrepo.steps.interfaces.evaluator import EvaluatorStep

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import tensorflow_model_analysis as tfma

AT_LEAST, AT_MOST = "at_least", "at_most"


class TFMAEvaluator(EvaluatorStep):
    """Measures a model on the split ``eval``, and blesses it when every threshold is met.

    Args:
        label: the feature that the model predicts, as it is in the data.
        metrics: classes of Keras or TFMA metrics, such as ``AUC``. By default those of the problem: accuracy, AUC,
            precision, recall and cross-entropy between two classes; accuracy and cross-entropy among more; squared and
            absolute error for a regression.
        slices: features, or lists of features, by whose values the metrics are also taken apart.
        thresholds: by the name of a metric in the report, such as ``auc``: the value that it must at least have, or a
            map with ``at_least``, ``at_most`` or both.
    """

    def __init__(
        self,
        *,
        label: str,
        metrics: list[str] | None = None,
        slices: list[Any] | None = None,
        thresholds: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "label", label)
        texts(name, "metrics", [] if metrics is None else metrics)
        self.label = label
        self.metrics = metrics or []
        self.slices = [[s] if isinstance(s, str) else s for s in slices or []]
        self.thresholds = {name: self._bounds(name, bound) for name, bound in (thresholds or {}).items()}

    def eval_config(self) -> tfma.EvalConfig:
        """Say what to measure; without metrics, the runner takes those of the problem."""
        from tensorflow_model_analysis.proto import config_pb2

        measures = config_pb2.MetricsSpec(metrics=[config_pb2.MetricConfig(class_name=name) for name in self.metrics])
        for name, bounds in self.thresholds.items():
            value = measures.thresholds[name].value_threshold
            if AT_LEAST in bounds:
                value.lower_bound.value = bounds[AT_LEAST]
            if AT_MOST in bounds:
                value.upper_bound.value = bounds[AT_MOST]
        slicing = [
            config_pb2.SlicingSpec(),
            *(config_pb2.SlicingSpec(feature_keys=keys) for keys in self.slices),
        ]
        return config_pb2.EvalConfig(
            model_specs=[config_pb2.ModelSpec(label_key=self.label)],
            metrics_specs=[measures],
            slicing_specs=slicing,
        )

    def _bounds(self, name: str, bound: Any) -> dict[str, float]:
        """Read a threshold as a map of bounds."""
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            if any(word in name for word in ("loss", "error", "crossentropy")):
                raise StepArgumentError(
                    type(self).__qualname__,
                    f"the threshold of '{name}' is {bound}, but a smaller value of it is better",
                    f"give {{'{AT_MOST}': {bound}}}",
                )
            return {AT_LEAST: float(bound)}
        if isinstance(bound, dict) and bound and set(bound) <= {AT_LEAST, AT_MOST}:
            return {key: float(value) for key, value in bound.items()}
        raise StepArgumentError(
            type(self).__qualname__,
            f"the threshold of '{name}' is {bound!r}",
            f"give a number, or a map with '{AT_LEAST}', '{AT_MOST}' or both",
        )
