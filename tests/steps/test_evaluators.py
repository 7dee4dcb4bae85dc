"""The evaluators, each on models that are made in a moment."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.steps.toy_model import save_model, write_examples
from zenrepo.errors import StepFailed
from zenrepo.steps import ResultsEvaluator, TFMAEvaluator
from zenrepo.steps.interfaces.evaluator import Evaluation

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
X = [x + 0.5 for x in range(-10, 10)]
LABELS = [int(x > 0) for x in X]
HALF_WRONG = [1, *LABELS[1:-1], 0]
"""Labels of which the model that is right about ``LABELS`` gets 18 of 20."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that gives a positive ``x`` the class 1."""
    return save_model(tmp_path_factory.mktemp("good"), 1.0)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that gives a positive ``x`` the class 0."""
    return save_model(tmp_path_factory.mktemp("bad"), -1.0)


@pytest.fixture
def evaluation(tmp_path: Path, good: str) -> Callable[..., Evaluation]:
    """Make evaluations of the good model on examples with a label, and a feature to slice by."""

    def make(changes: dict[str, Any] | None = None, **fields: Any) -> Evaluation:
        columns = {"x": X, "target": HALF_WRONG, "sign": ["minus"] * 10 + ["plus"] * 10} | (changes or {})
        files = write_examples(tmp_path / "Split-eval/data.gz", columns)
        report = tmp_path / "report"
        report.mkdir(exist_ok=True)
        return Evaluation(
            **{"model": good, "split": "eval", "examples": {"eval": files}, "report": str(report)} | fields
        )

    return make


EVALUATORS = [(TFMAEvaluator, "binary_accuracy", "auc"), (ResultsEvaluator, "accuracy", "roc_auc")]


@pytest.mark.parametrize(("step", "accuracy", "auc"), EVALUATORS)
def test_a_model_is_measured_whole_and_by_slices(
    evaluation: Callable[..., Evaluation], step: Any, accuracy: str, auc: str
) -> None:
    """One wrong label in each half of the examples is one tenth of each half, and of all."""
    given = evaluation()
    metrics = step(label="target", slices=["sign", ["sign", "target"]]).evaluate(given)

    assert metrics[accuracy] == pytest.approx(0.9)
    assert 0.5 < metrics[auc] < 1
    by_sign = {s["sign"]: m[accuracy] for s, m in given.slices if set(s) == {"sign"}}
    assert by_sign == {"minus": pytest.approx(0.9), "plus": pytest.approx(0.9)}
    crossed = {(s["sign"], s["target"]): m[accuracy] for s, m in given.slices if len(s) == 2}
    assert crossed[("minus", 1)] == 0
    assert crossed[("plus", 1)] == 1


SCHEMA = """
feature { name: "x" type: FLOAT presence { min_fraction: 1 } shape { dim { size: 1 } } }
feature { name: "target" type: INT presence { min_fraction: 1 } shape { dim { size: 1 } } }
feature { name: "sign" type: BYTES value_count { min: 1 max: 1 } }
"""


def test_an_example_without_the_feature_to_slice_by_is_in_no_slice_of_tfma(
    evaluation: Callable[..., Evaluation], tmp_path: Path
) -> None:
    """The first example, which Beam makes a batch of its own, lacks the feature: it counts in the whole alone."""
    (tmp_path / "schema.pbtxt").write_text(SCHEMA)
    given = evaluation({"sign": [None] + ["minus"] * 9 + ["plus"] * 10}, schema=str(tmp_path / "schema.pbtxt"))
    metrics = TFMAEvaluator(label="target", slices=["sign"]).evaluate(given)

    assert metrics["binary_accuracy"] == pytest.approx(0.9)
    assert {s["sign"] for s, _ in given.slices} == {"minus", "plus"}


@pytest.mark.parametrize(("step", "accuracy", "auc"), EVALUATORS)
def test_both_models_are_measured_on_the_same_examples(
    evaluation: Callable[..., Evaluation], bad: str, step: Any, accuracy: str, auc: str
) -> None:
    """The baseline's metrics stand beside the model's, and slices are of the model alone."""
    given = evaluation(baseline=bad)
    metrics = step(label="target", slices=["sign"]).evaluate(given)

    assert given.baseline_metrics is not None
    assert metrics[accuracy] == pytest.approx(0.9)
    assert given.baseline_metrics[accuracy] == pytest.approx(0.1)
    assert len(given.slices) == 2


@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_a_label_that_is_absent_is_refused_with_what_is_near(evaluation: Callable[..., Evaluation], step: Any) -> None:
    """The error names the label, the hint the one that was meant."""
    with pytest.raises(StepFailed, match="no label 'tarqet'") as raised:
        step(label="tarqet").evaluate(evaluation())

    assert raised.value.hint == "did you mean 'target'?"


@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_a_slice_by_an_absent_feature_is_refused_with_what_is_near(
    evaluation: Callable[..., Evaluation], step: Any
) -> None:
    """Before anything is measured."""
    with pytest.raises(StepFailed, match="no feature 'sing' to slice by") as raised:
        step(label="target", slices=["sing"]).evaluate(evaluation())

    assert raised.value.hint == "did you mean 'sign'?"


@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_an_example_without_a_label_is_refused(evaluation: Callable[..., Evaluation], step: Any) -> None:
    """What is missing cannot be measured against."""
    with pytest.raises(StepFailed, match="'target' has 19 values in 20 examples"):
        step(label="target").evaluate(evaluation({"target": [*LABELS[:-1], None]}))


@pytest.mark.parametrize("step", [TFMAEvaluator, ResultsEvaluator])
def test_a_constant_label_is_refused_where_a_metric_has_no_value(
    evaluation: Callable[..., Evaluation], step: Any
) -> None:
    """A curve over one class is none; the error names label and metric."""
    with pytest.raises(
        StepFailed, match=r"the label 'target' is 1 in all examples of split 'eval', so that '(roc_)?auc'"
    ):
        step(label="target").evaluate(evaluation({"target": [1] * 20}))


@pytest.mark.parametrize(("step", "wrong"), [(TFMAEvaluator, "binary_acuracy"), (ResultsEvaluator, "acuracy")])
def test_a_threshold_for_no_metric_is_refused_before_anything_is_measured(
    evaluation: Callable[..., Evaluation], step: Any, wrong: str
) -> None:
    """The report stays empty."""
    given = evaluation()
    with pytest.raises(StepFailed, match=f"threshold for the metric '{wrong}'"):
        step(label="target", thresholds={wrong: 0.5}).evaluate(given)

    assert list(Path(given.report).iterdir()) == []


def test_thresholds_of_an_own_config_count(evaluation: Callable[..., Evaluation], bad: str) -> None:
    """A class that overrides the config has TFMA's own thresholds, of values and of changes."""

    class Strict(TFMAEvaluator):
        def eval_config(self) -> Any:
            from tensorflow_model_analysis.proto import config_pb2

            config = super().eval_config()
            threshold = config_pb2.MetricThreshold()
            threshold.value_threshold.lower_bound.value = 0.99
            threshold.change_threshold.absolute.value = 0.1
            threshold.change_threshold.direction = config_pb2.MetricDirection.HIGHER_IS_BETTER
            config.metrics_specs[0].metrics.add(class_name="BinaryAccuracy", threshold=threshold)
            return config

    first, second = evaluation(), evaluation(baseline=bad, report=str(Path(evaluation().report, "second")))
    Strict(label="target").evaluate(first)
    Strict(label="target").evaluate(second)

    assert first.unmet == ["binary_accuracy does not meet the config's threshold"]
    assert second.unmet == ["binary_accuracy does not meet the config's threshold"]


def test_tfma_says_of_another_frameworks_model_what_measures_it(
    evaluation: Callable[..., Evaluation], tmp_path: Path
) -> None:
    """The hint names the evaluator for any framework."""
    (tmp_path / "model").mkdir()
    with pytest.raises(StepFailed, match="is no SavedModel") as raised:
        TFMAEvaluator(label="target").evaluate(evaluation(model=str(tmp_path / "model")))

    assert "ResultsEvaluator" in raised.value.hint


def results(tmp_path: Path, **columns: Any) -> dict[str, list[str]]:
    """Write test results of the split ``eval``."""
    return {"eval": write_examples(tmp_path / "results/Split-eval/results.gz", columns)}


def test_test_results_are_measured_without_the_model(evaluation: Callable[..., Evaluation], tmp_path: Path) -> None:
    """A model that nobody can load is measured by what it answered."""
    answered = results(tmp_path, target=[0, 0, 1, 1], scores=[0.1, 0.6, 0.4, 0.9], prediction=[0, 1, 0, 1])
    step = ResultsEvaluator(label="target")
    metrics = step.evaluate(evaluation(model=str(tmp_path), test_results=answered))

    assert step.facts == {"examples": 4, "problem": "binary", "measured": "test results"}
    assert metrics == pytest.approx(
        {
            "accuracy": 0.5,
            "balanced_accuracy": 0.5,
            "precision": 0.5,
            "recall": 0.5,
            "f1": 0.5,
            "roc_auc": 0.75,
            "average_precision": 5 / 6,
            "log_loss": -(math.log(0.9) + math.log(0.4)) / 2,
        },
        abs=1e-5,
    )


def test_several_classes_are_measured(evaluation: Callable[..., Evaluation], tmp_path: Path) -> None:
    """One score a class makes a classification among them, and the largest the prediction."""
    scores = [[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.4, 0.3, 0.2, 0.1]]
    step = ResultsEvaluator(label="target")
    metrics = step.evaluate(evaluation(test_results=results(tmp_path, target=[0, 1, 2, 3], scores=scores)))

    assert step.facts["problem"] == "multi-class"
    assert metrics["accuracy"] == 0.75
    assert metrics["top_3_accuracy"] == 0.75


def test_a_regression_is_measured(evaluation: Callable[..., Evaluation], tmp_path: Path) -> None:
    """Values of any kind make a regression."""
    answered = results(tmp_path, target=[1.0, 2.0, 3.0, 4.5], prediction=[1.5, 2.0, 3.0, 4.0])
    metrics = ResultsEvaluator(label="target").evaluate(evaluation(test_results=answered))

    assert metrics["mean_absolute_error"] == pytest.approx(0.25)
    assert metrics["root_mean_squared_error"] == pytest.approx(0.125**0.5)


def test_answers_that_are_no_numbers_are_refused(evaluation: Callable[..., Evaluation], tmp_path: Path) -> None:
    """The error says how many of how many."""
    answered = results(tmp_path, target=[0, 1, 1], scores=[0.5, float("nan"), 0.5])

    with pytest.raises(StepFailed, match="answered 1 of 3 examples with no number"):
        ResultsEvaluator(label="target").evaluate(evaluation(test_results=answered))


def test_a_label_beyond_the_models_classes_is_refused(evaluation: Callable[..., Evaluation], tmp_path: Path) -> None:
    """The error names the label and the classes."""
    answered = results(tmp_path, target=[0, 7], scores=[[0.2, 0.3, 0.5]] * 2)

    with pytest.raises(StepFailed, match="'target' is 7, but the model knows the classes 0 to 2"):
        ResultsEvaluator(label="target").evaluate(evaluation(test_results=answered))


def test_results_without_the_feature_to_slice_by_let_the_model_be_asked(
    evaluation: Callable[..., Evaluation], tmp_path: Path
) -> None:
    """The examples have the features that the test results lack."""
    given = evaluation(test_results=results(tmp_path, target=[0, 1], scores=[0.1, 0.9]))
    step = ResultsEvaluator(label="target", slices=["sign"])
    step.evaluate(given)

    assert step.facts["measured"] == "predictions"
    assert len(given.slices) == 2


def test_a_baseline_that_answered_other_examples_is_asked_again(
    evaluation: Callable[..., Evaluation], tmp_path: Path, bad: str
) -> None:
    """What was measured on other examples is no comparison."""
    other = results(tmp_path, target=[0, 1], scores=[0.1, 0.9])
    given = evaluation(baseline=bad, baseline_results=other)
    ResultsEvaluator(label="target").evaluate(given)

    assert given.baseline_metrics is not None
    assert given.baseline_metrics["accuracy"] < 0.2


def test_the_metrics_that_are_named_are_those_that_there_are() -> None:
    """What the class lists without scikit-learn is what can be measured with it."""
    from zenrepo.steps.evaluator.results_evaluator import METRICS
    from zenrepo.steps.evaluator.scores import METRICS_OF

    assert {problem: set(names) for problem, names in METRICS.items()} == {p: set(m) for p, m in METRICS_OF.items()}
