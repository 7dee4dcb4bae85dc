"""What a pipeline shows of its runs: plain values that print as tables."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, fields
from typing import Any

from zenrepo.pipelines.aligned import aligned

_SHOWN = 5


@dataclass(frozen=True)
class FeatureSchema:
    """What a schema says of a feature.

    Args:
        type: ``int``, ``float``, ``string`` or ``struct``.
        presence: the least part of the examples that have it; 1.0 where all must.
        values: the least and the most values that one example has; ``None`` where there is no bound.
        shape: of the values in one example where all are alike, ``[]`` for one value; else ``None``.
        domain: the values that there are, or ``{"min": …, "max": …}``; ``None`` for any.
    """

    type: str
    presence: float
    values: tuple[int | None, int | None]
    shape: list[int] | None
    domain: list[str] | dict[str, float | None] | None


class Schema(dict[str, FeatureSchema]):
    """The features of a schema by name. It prints as a table."""

    def __str__(self) -> str:
        rows = ((name, f.type, _presence(f.presence), _count(f), _domain(f.domain)) for name, f in self.items())
        return aligned(("feature", "type", "presence", "values", "domain"), rows)

    __repr__ = __str__


@dataclass(frozen=True)
class FeatureStatistics:
    """The statistics of a feature in a split; what its type does not have is ``None``.

    Args:
        type: ``int``, ``float``, ``string``, ``bytes`` or ``struct``.
        count: of the examples that have it.
        missing: of those that do not.
        mean: of a number, as all to ``zeros``.
        std: the standard deviation.
        min: the least.
        median: the middle.
        max: the most.
        zeros: how many values are 0.
        unique: of a text, how many different values there are.
        top: of a text, the most frequent values with their counts.
    """

    type: str
    count: int
    missing: int
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    median: float | None = None
    max: float | None = None
    zeros: int | None = None
    unique: int | None = None
    top: list[tuple[str, int]] | None = None


class Statistics(dict[str, dict[str, FeatureStatistics]]):
    """Statistics by split and feature. They print as a table."""

    def __str__(self) -> str:
        rows = (
            (split, name, *astuple(own)[:-1], _top(own.top))
            for split, features in self.items()
            for name, own in features.items()
        )
        return aligned(("split", "feature", *(column.name for column in fields(FeatureStatistics))), rows)

    __repr__ = __str__


@dataclass(frozen=True)
class Anomaly:
    """What is odd about a feature of a split.

    Args:
        severity: ``warning`` or ``error``.
        problem: in a few words.
        description: in full.
    """

    severity: str
    problem: str
    description: str


class Anomalies(dict[str, dict[str, Anomaly]]):
    """Anomalies by split and feature; a split without any has an empty map. They print as a table."""

    @property
    def found(self) -> bool:
        """Whether any split has an anomaly."""
        return any(self.values())

    def __str__(self) -> str:
        rows = [(split, name, *astuple(anomaly)) for split, own in self.items() for name, anomaly in own.items()]
        if not rows:
            return f"no anomalies in {', '.join(self)}"
        return aligned(("split", "feature", "severity", "problem", "description"), rows)

    __repr__ = __str__


@dataclass(frozen=True)
class Evaluation:
    """How good a model is.

    Args:
        split: the split that was measured.
        metrics: of all its examples, by name.
        slices: for each slice, the features and values that make it, and its metrics.
        baseline: the metrics of the model that this one was compared to; ``None`` where there was none.
    """

    split: str
    metrics: dict[str, float]
    slices: list[tuple[dict[str, Any], dict[str, float]]] = field(default_factory=list)
    baseline: dict[str, float] | None = None

    def __str__(self) -> str:
        slices = [(", ".join(f"{name}={value}" for name, value in of.items()), own) for of, own in self.slices]
        columns = [("all", self.metrics), ("baseline", self.baseline or {}), *slices]
        rows = [(name, *(own.get(name) for _, own in columns)) for name in self.metrics]
        return aligned((f"metric on {self.split}", *(head for head, _ in columns)), rows)

    __repr__ = __str__


def schema(answer: dict[str, Any]) -> Schema:
    """Make a schema of what the heavy half says."""
    return Schema({name: FeatureSchema(**own | {"values": tuple(own["values"])}) for name, own in answer.items()})


def statistics(answer: dict[str, Any]) -> Statistics:
    """Make statistics of what the heavy half says."""
    return Statistics({split: {name: _statistics(own) for name, own in of.items()} for split, of in answer.items()})


def anomalies(answer: dict[str, Any]) -> Anomalies:
    """Make anomalies of what the heavy half says."""
    return Anomalies({split: {name: Anomaly(**own) for name, own in of.items()} for split, of in answer.items()})


def evaluation(report: dict[str, Any]) -> Evaluation:
    """Make an evaluation of the report that an evaluator wrote."""
    slices = [(one["slice"], one["metrics"]) for one in report["slices"]]
    return Evaluation(report["split"], report["metrics"], slices, report["baseline"])


def _statistics(own: dict[str, Any]) -> FeatureStatistics:
    top = own.get("top")
    return FeatureStatistics(**own | {"top": None if top is None else [(value, count) for value, count in top]})


def _presence(least: float) -> str:
    return "required" if least == 1.0 else f"in {least:.0%} or more" if least else "optional"


def _count(feature: FeatureSchema) -> str:
    least, most = feature.values
    if feature.shape is not None or least == most == 1:
        return "×".join(map(str, feature.shape or [1]))
    return f"{least or 0} to {'any' if most is None else most}"


def _domain(domain: list[str] | dict[str, float | None] | None) -> str:
    if isinstance(domain, dict):
        return f"{_bound(domain['min'])} to {_bound(domain['max'])}"
    return _some([repr(value) for value in domain or []])


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _top(top: list[tuple[str, int]] | None) -> str:
    return _some([f"{value} ({count})" for value, count in top or []])


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:_SHOWN]) + (f", and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
