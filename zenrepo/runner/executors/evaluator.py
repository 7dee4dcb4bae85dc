"""EvaluatorStep: the step measures, its thresholds bless."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfx.components.evaluator import constants
from tfx.components.schema_gen.executor import DEFAULT_FILE_NAME
from tfx.types.artifact import Artifact

from zenrepo.errors import StepFailed, did_you_mean
from zenrepo.runner.artifacts import records
from zenrepo.runner.artifacts.model_folder import model_folder
from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing.work import Work
from zenrepo.steps.evaluator.thresholds import bounds_of, refuse_unknown, unmet
from zenrepo.steps.interfaces.evaluator import Evaluation, EvaluatorStep, read_serialized

REPORT = "metrics.json"
"""The file of the evaluation's artifact that has all metrics, those of slices and of the baseline too."""

SHOWN = 7
"""The most slices that are shown beside the step; the report has all."""


def evaluate(work: Work) -> None:
    """Evaluate the model, and bless it where no threshold speaks against it.

    Args:
        work: with an EvaluatorStep.

    Raises:
        StepFailed: if the split is not there or empty, a metric is no number, or a threshold is for a metric that is
            not measured.
    """
    step = work.step
    assert isinstance(step, EvaluatorStep)
    evaluation = _evaluation(work, step)
    metrics = _numbers(step.evaluate(evaluation))
    bounds = bounds_of(type(step).__qualname__, step.thresholds)
    refuse_unknown(bounds, metrics)
    baseline = _baseline(step, evaluation)
    reasons = [*evaluation.unmet, *unmet(bounds, metrics, baseline, evaluation.slices)]
    _write(work.output("evaluation"), metrics, baseline, evaluation)
    _bless(work, blessed=not reasons)
    work.facts.update(step.facts)
    if evaluation.split != EvaluatorStep.split:
        work.facts["split"] = evaluation.split
    work.facts.update(metrics=_rounded(metrics), blessed=not reasons)
    if reasons:
        work.facts["unmet"] = reasons
    work.facts.update(_shown(evaluation, next(iter([*bounds, *metrics]), "")))
    work.facts.update(_compared(work, metrics, baseline))


def _evaluation(work: Work, step: EvaluatorStep) -> Evaluation:
    examples = _files(work, "examples")
    split = _split(step, examples)
    if not any(len(batch) for batch in read_serialized(examples[split])):
        raise StepFailed(f"split '{split}' has no examples to measure the model on", "see the steps before")
    known = work.earlier.get("baseline", {})
    return Evaluation(
        model=model_folder(work.input("model").uri),
        split=split,
        examples=examples,
        test_results=_files(work, "test_results"),
        schema=str(Path(work.input("schema").uri, DEFAULT_FILE_NAME)),
        transform_graph=work.input("transform_graph").uri if work.inputs.get("transform_graph") else "",
        report=work.output("evaluation").uri,
        baseline=known.get("model", ""),
        baseline_results=_results(known.get("results", "")),
        pipeline=work.pipeline,
        rows=rows_of(work.input("examples"), split),
    )


def _files(work: Work, name: str) -> dict[str, list[str]]:
    """List the files of an input's examples by split; none where there is no such input."""
    if not work.inputs.get(name):
        return {}
    artifact = work.input(name)
    return {split: records.files_of(records.split_folder(artifact, split)) for split in records.splits_of(artifact)}


def _results(folder: str) -> dict[str, list[str]]:
    """List the files of the baseline's test results by split."""
    splits = Path(folder).glob("Split-*") if folder else []
    return {split.name.removeprefix("Split-"): records.files_of(split) for split in splits}


def _split(step: EvaluatorStep, examples: dict[str, list[str]]) -> str:
    """Choose the split: what the step says, or the only one where nobody split and nobody says."""
    if step.split in examples:
        return step.split
    if len(examples) == 1 and "split" not in step.args:
        return next(iter(examples))
    listed = ", ".join(f"'{split}'" for split in examples)
    raise StepFailed(
        f"there is no split '{step.split}', only {listed}",
        did_you_mean(step.split, examples) or "name one of them with the argument 'split', or in the split step",
    )


def _numbers(metrics: Any) -> dict[str, float]:
    """Refuse metrics that are none."""
    if not isinstance(metrics, dict):
        raise StepFailed(f"evaluate returned {type(metrics).__name__}", "return the metrics by name")
    for name, value in metrics.items():
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise StepFailed(f"the metric '{name}' is {value!r}, not a number", "return numbers") from error
        if not math.isfinite(number):
            raise StepFailed(
                f"the metric '{name}' is {number}",
                "look for missing values that the model turns into NaN, and for a label that is always the same",
            )
    return {str(name): float(value) for name, value in metrics.items()}


def _baseline(step: EvaluatorStep, evaluation: Evaluation) -> dict[str, float] | None:
    """Give the baseline's metrics, measured with the model's or now."""
    if not evaluation.baseline:
        return None
    if evaluation.baseline_metrics is None:
        facts = dict(step.facts)
        report = Path(evaluation.report, "baseline")
        report.mkdir()
        other = replace(
            evaluation,
            model=evaluation.baseline,
            test_results=evaluation.baseline_results,
            report=str(report),
            baseline="",
            slices=[],
            unmet=[],
        )
        evaluation.baseline_metrics = step.evaluate(other)
        step.facts.clear()
        step.facts.update(facts)
    return _numbers(evaluation.baseline_metrics)


def _write(
    artifact: Artifact, metrics: dict[str, float], baseline: dict[str, float] | None, evaluation: Evaluation
) -> None:
    report = {
        "split": evaluation.split,
        "metrics": metrics,
        "baseline": baseline,
        "slices": [{"slice": values, "metrics": found} for values, found in evaluation.slices],
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    Path(artifact.uri, REPORT).write_text(text + "\n", encoding="utf-8")
    for name, value in metrics.items():
        artifact.set_float_custom_property(name, value)


def _bless(work: Work, *, blessed: bool) -> None:
    """Mark the blessing as TFX's Evaluator does."""
    blessing, model = work.output("blessing"), work.input("model")
    name = constants.BLESSED_FILE_NAME if blessed else constants.NOT_BLESSED_FILE_NAME
    Path(blessing.uri, name).touch()
    value = constants.BLESSED_VALUE if blessed else constants.NOT_BLESSED_VALUE
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, value)
    blessing.set_string_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri)
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)


def _compared(work: Work, metrics: dict[str, float], baseline: dict[str, float] | None) -> dict[str, Any]:
    """Say what the model was compared to, and how each metric changed."""
    known = work.earlier.get("baseline")
    if known is None:
        return {}
    if baseline is None:
        return {"baseline": "none yet: no model was blessed before, so that no change counts"}
    changes = {name: value - baseline[name] for name, value in metrics.items() if name in baseline}
    return {"baseline": known["origin"], "change": _rounded(changes)}


def _shown(evaluation: Evaluation, metric: str) -> dict[str, Any]:
    """Show the metric that matters most, the first with a threshold, slice by slice."""
    found = {
        " × ".join(f"{feature}={value}" for feature, value in values.items()): metrics[metric]
        for values, metrics in evaluation.slices
        if metric in metrics
    }
    shown: dict[str, Any] = _rounded(dict(list(found.items())[:SHOWN]))
    if len(found) > SHOWN:
        shown["…"] = f"{len(found) - SHOWN} more in {REPORT}"
    return {f"{metric} by slice": shown} if shown else {}


def _rounded(metrics: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in metrics.items()}
