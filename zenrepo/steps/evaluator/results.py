"""Measures what a model answered, with scikit-learn.

This module imports NumPy and scikit-learn; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from zenrepo.errors import StepFailed
from zenrepo.steps.evaluator.answers import Answers, ask, read_answers
from zenrepo.steps.evaluator.scores import METRICS_OF, ONE_CLASS_SAYS_NOTHING
from zenrepo.steps.evaluator.thresholds import refuse_unknown
from zenrepo.steps.interfaces.evaluator import Evaluation

if TYPE_CHECKING:  # the step imports this module
    from zenrepo.steps.evaluator.results_evaluator import ResultsEvaluator

MOST_SLICES = 1000
RESULTS, PREDICTIONS = "test results", "predictions"


def measure(step: ResultsEvaluator, evaluation: Evaluation) -> dict[str, float]:
    """Measure a model, and the baseline where there is one, on the same examples.

    Args:
        step: says what to measure.
        evaluation: the models and what they answered; slices and baseline are reported to it.

    Returns:
        The metrics of all examples by name.
    """
    answers, source = _answers(step, evaluation)
    problem = _problem(answers)
    answers = _checked(answers, problem, step.label)
    names = _names(step, answers, problem, evaluation.split)
    metrics = _metrics(answers, problem, names)
    for slice_, rows in _sliced(step.slices, answers):
        evaluation.measure_slice(slice_, _metrics(_rows(answers, rows), problem, names))
    step.facts.update(examples=len(answers.labels), problem=problem, measured=source)
    if evaluation.baseline:
        others = _checked(_baseline(step, evaluation, answers), problem, step.label)
        evaluation.baseline_metrics = _metrics(others, problem, names)
    return metrics


def _answers(step: ResultsEvaluator, evaluation: Evaluation) -> tuple[Answers, str]:
    """Read the trainer's test results where they will do, else ask the model."""
    features = [feature for one in step.slices for feature in one]
    files = evaluation.test_results.get(evaluation.split)
    if files:
        try:
            return read_answers(files, step.label, features), RESULTS
        except StepFailed:
            if not features:
                raise
    return ask(evaluation.model, evaluation.serialized(), step.label, features), PREDICTIONS


def _baseline(step: ResultsEvaluator, evaluation: Evaluation, answers: Answers) -> Answers:
    """Have the baseline answer; its test results count where they are of as many examples with the same labels."""
    files = evaluation.baseline_results.get(evaluation.split)
    if files:
        found = read_answers(files, step.label, [])
        if np.array_equal(np.sort(found.labels), np.sort(answers.labels)):
            return found
    return ask(evaluation.baseline, evaluation.serialized(), step.label, [])


def _problem(answers: Answers) -> str:
    """Infer the problem by the rule that ``ResultsEvaluator`` states."""
    width = 1 if answers.scores is None else answers.scores.shape[1]
    labels, predictions = answers.labels, answers.predictions
    if width > 2:
        return "multi-class"
    if labels.dtype.kind not in "iuf":
        return "binary" if len(np.unique(labels)) <= 2 else "multi-class"
    if set(np.unique(labels)) <= {0, 1}:
        return "binary"
    whole = predictions is not None and predictions.dtype.kind in "iu" and labels.dtype.kind in "iu"
    return "multi-class" if width == 2 or (whole and answers.scores is not None) else "regression"


def _checked(answers: Answers, problem: str, label: str) -> Answers:
    """Refuse answers that are no numbers or of other classes than the labels; give each example one prediction."""
    for values in (answers.scores, answers.predictions):
        if values is not None and values.dtype.kind == "f" and not np.isfinite(values).all():
            bad = int((~np.isfinite(values.reshape(len(values), -1))).any(axis=1).sum())
            raise StepFailed(
                f"the model answered {bad} of {len(values)} examples with no number",
                "look for missing values that preprocessing leaves, or train with a smaller learning rate",
            )
    scores = answers.scores
    if problem == "multi-class" and scores is not None and answers.labels.dtype.kind in "iuf":
        strange = answers.labels[(answers.labels < 0) | (answers.labels >= scores.shape[1])]
        if len(strange):
            raise StepFailed(
                f"the label '{label}' is {strange[0]}, but the model knows the classes 0 to {scores.shape[1] - 1}",
                "train on examples of every class",
            )
    if answers.predictions is not None:
        return answers
    if problem == "multi-class":
        return replace(answers, predictions=scores.argmax(axis=1))
    if problem == "binary":
        return replace(answers, predictions=(scores[:, -1] > 0.5).astype(int))
    return replace(answers, predictions=scores[:, 0])


def _names(step: ResultsEvaluator, answers: Answers, problem: str, split: str) -> list[str]:
    """Say which metrics are measured."""
    can = dict(METRICS_OF[problem])
    if answers.scores is None or answers.labels.dtype.kind not in "iuf":
        can = {name: metric for name, metric in can.items() if not metric.needs_scores}
    if answers.scores is not None and answers.scores.shape[1] <= 3:
        can.pop("top_3_accuracy", None)
    for name in step.metrics:
        if name not in can:
            raise StepFailed(
                f"the metric '{name}' cannot be measured: this is {problem}"
                + (", without scores" if answers.scores is None else ""),
                f"there are {', '.join(can)}",
            )
    names = step.metrics or list(can)
    refuse_unknown(step.thresholds, names)
    constant = len(np.unique(answers.labels)) == 1
    for name in names:
        if constant and name in ONE_CLASS_SAYS_NOTHING:
            raise StepFailed(
                f"the label '{step.label}' is {answers.labels[0]} in all examples of split '{split}',"
                f" so that '{name}' has no value",
                "measure on examples of several values, or name the metrics",
            )
    return names


def _metrics(answers: Answers, problem: str, names: list[str]) -> dict[str, float]:
    """Measure; what has no value on these examples is left out."""
    constant = len(np.unique(answers.labels)) == 1
    some = [name for name in names if not (constant and name in ONE_CLASS_SAYS_NOTHING)]
    return {name: float(METRICS_OF[problem][name].of(answers)) for name in some}


def _rows(answers: Answers, rows: Any) -> Answers:
    return Answers(
        answers.labels[rows],
        answers.predictions[rows],
        None if answers.scores is None else answers.scores[rows],
        {},
    )


def _sliced(slices: list[list[str]], answers: Answers) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give the rows of each slice."""
    for features in slices:
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row, values in enumerate(zip(*(answers.features[name] for name in features), strict=True)):
            groups.setdefault(values, []).append(row)
        if len(groups) > MOST_SLICES:
            raise StepFailed(
                f"slicing by {' and '.join(features)} makes {len(groups)} slices",
                f"slice by features of few values, at most {MOST_SLICES} in all",
            )
        for values, rows in sorted(groups.items(), key=lambda group: str(group[0])):
            yield dict(zip(features, map(_plain, values), strict=True)), np.array(rows)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.item() if isinstance(value, np.generic) else value
