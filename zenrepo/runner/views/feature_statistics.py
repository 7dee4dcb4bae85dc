"""Statistics, as plain data. Nothing here needs TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import statistics_pb2

_TYPES = {
    statistics_pb2.FeatureNameStatistics.INT: "int",
    statistics_pb2.FeatureNameStatistics.FLOAT: "float",
    statistics_pb2.FeatureNameStatistics.STRING: "string",
    statistics_pb2.FeatureNameStatistics.BYTES: "bytes",
    statistics_pb2.FeatureNameStatistics.STRUCT: "struct",
}


def read(file: Path) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Read the file of a split's statistics."""
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(file.read_bytes())


def features(found: statistics_pb2.DatasetFeatureStatisticsList) -> dict[str, Any]:
    """Describe the features of a split.

    Returns:
        By name: ``type``, ``count`` of the examples that have it and ``missing``, of those that do not; of numbers
        ``mean``, ``std``, ``min``, ``median``, ``max`` and how many are ``zeros``; of text how many values are
        ``unique``, and the most frequent of them as ``top``, pairs of value and count.
    """
    whole = found.datasets[0]
    return {_name(feature): _feature(feature, whole.num_examples) for feature in whole.features}


def _name(feature: Any) -> str:
    return feature.name or ".".join(feature.path.step)


def _feature(feature: Any, examples: int) -> dict[str, Any]:
    kind = feature.WhichOneof("stats")
    stats = getattr(feature, kind)
    own = {"type": _TYPES[feature.type], "count": stats.common_stats.num_non_missing}
    own["missing"] = examples - stats.common_stats.num_non_missing
    if kind == "num_stats":
        names = {"mean": "mean", "std": "std_dev", "min": "min", "median": "median", "max": "max", "zeros": "num_zeros"}
        return own | {name: getattr(stats, field) for name, field in names.items()}
    if kind == "string_stats":
        return own | {
            "unique": stats.unique,
            "top": [[value.value, int(value.frequency)] for value in stats.top_values],
        }
    return own
