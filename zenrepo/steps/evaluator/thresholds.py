"""Thresholds: what metrics a model must have to be blessed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from zenrepo.errors import StepArgumentError, StepFailed, did_you_mean

AT_LEAST, AT_MOST = "at_least", "at_most"
CHANGE, SLICES = "change_", "slices_"
KEYS = tuple(f"{of}{bound}" for of in ("", CHANGE, SLICES) for bound in (AT_LEAST, AT_MOST))
SMALLER_IS_BETTER = ("loss", "error", "crossentropy")

Bounds = dict[str, dict[str, float]]
Slices = Iterable[tuple[Mapping[str, Any], Mapping[str, float]]]


def bounds_of(step: str, thresholds: Mapping[str, Any] | None) -> Bounds:
    """Read thresholds as a step is given them.

    Args:
        step: the class of the step, for errors.
        thresholds: by metric, a number or a map of bounds, as ``EvaluatorStep`` describes them.

    Returns:
        By metric, its bounds.

    Raises:
        StepArgumentError: for what is none, naming the metric.
    """
    if thresholds is not None and not isinstance(thresholds, Mapping):
        raise StepArgumentError(
            step, f"thresholds is {thresholds!r}, not a map", "write {<metric>: {at_least: <number>}}"
        )
    return {metric: _bounds(step, metric, bound) for metric, bound in (thresholds or {}).items()}


def _bounds(step: str, metric: str, bound: Any) -> dict[str, float]:
    if _is_number(bound):
        if any(word in metric for word in SMALLER_IS_BETTER):
            raise StepArgumentError(
                step,
                f"the threshold of '{metric}' is {bound}, but a smaller value of it is better",
                f"give {{'{AT_MOST}': {bound}}}",
            )
        return {AT_LEAST: float(bound)}
    if isinstance(bound, Mapping) and bound:
        for key, value in bound.items():
            if key not in KEYS:
                hint = did_you_mean(str(key), KEYS) or f"there are {', '.join(KEYS)}"
                raise StepArgumentError(step, f"the threshold of '{metric}' has no bound '{key}'", hint)
            if not _is_number(value):
                raise StepArgumentError(step, f"the bound '{key}' of '{metric}' is {value!r}, not a finite number")
        return {key: float(value) for key, value in bound.items()}
    raise StepArgumentError(
        step, f"the threshold of '{metric}' is {bound!r}", f"give a number, or a map with any of {', '.join(KEYS)}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def compares(bounds: Any) -> bool:
    """Say whether thresholds, as a step is given them, ask for a baseline."""
    maps = [bound for bound in bounds.values() if isinstance(bound, Mapping)] if isinstance(bounds, Mapping) else []
    return any(str(key).startswith(CHANGE) for bound in maps for key in bound)


def refuse_unknown(bounds: Iterable[str], measured: Iterable[str]) -> None:
    """Refuse a threshold for a metric that is not measured.

    Args:
        bounds: the metrics that have thresholds.
        measured: those that are measured.

    Raises:
        StepFailed: naming the metric and those near it.
    """
    measured = sorted(measured)
    for metric in bounds:
        if metric not in measured:
            raise StepFailed(
                f"there is a threshold for the metric '{metric}', which is not measured",
                did_you_mean(metric, measured) or f"measured are {', '.join(measured) or 'none'}",
            )


def unmet(
    bounds: Bounds, metrics: Mapping[str, float], baseline: Mapping[str, float] | None, slices: Slices
) -> list[str]:
    """Say which thresholds a model does not meet.

    Args:
        bounds: as ``bounds_of`` reads them, all of measured metrics.
        metrics: of the model.
        baseline: of the model that it is compared to; ``None`` where there is none, and then no change counts.
        slices: with their metrics; one that lacks a metric, or has no number for it, does not meet its threshold.

    Returns:
        A reason for each bound that is not met.
    """
    slices = list(slices)
    reasons = []
    for metric, bound in bounds.items():
        reasons += _broken(metric, metrics[metric], bound, "")
        if baseline is not None and metric in baseline:
            reasons += _broken(f"the change of {metric}", metrics[metric] - baseline[metric], bound, CHANGE)
        for values, found in slices:
            name = ", ".join(f"{feature} {value}" for feature, value in values.items())
            reasons += _broken(f"{metric} of {name}", found.get(metric, math.nan), bound, SLICES)
    return reasons


def _broken(what: str, value: float, bound: Mapping[str, float], of: str) -> list[str]:
    """Compare a value to the bounds of one family; what is no number meets none."""
    reasons = []
    least, most = bound.get(of + AT_LEAST), bound.get(of + AT_MOST)
    if least is not None and not value >= least:
        reasons.append(f"{what} is {value:.6g}, not at least {least:.6g}")
    if most is not None and not value <= most:
        reasons.append(f"{what} is {value:.6g}, not at most {most:.6g}")
    return reasons
