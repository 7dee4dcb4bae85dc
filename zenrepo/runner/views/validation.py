"""What TensorFlow Data Validation says of statistics."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2

from zenrepo.runner.views.feature_statistics import read

WHOLE = "(the split)"
"""Stands for the feature of an anomaly of the data as a whole."""


def anomalies(splits: dict[str, Path]) -> dict[str, Any]:
    """Hold the statistics of each split against the schema that those of the first give.

    Args:
        splits: the files by split, ``train`` first where there is one.

    Returns:
        By split and feature: ``severity``, ``problem`` in a few words, and ``description``.
    """
    import tensorflow_data_validation as tfdv

    found = {split: read(file) for split, file in splits.items()}
    schema = tfdv.infer_schema(next(iter(found.values())))
    return {split: _plain(tfdv.validate_statistics(one, schema)) for split, one in found.items()}


def page(splits: dict[str, Path], path: Path) -> str:
    """Write TFDV's page: the first split beside each other one.

    Args:
        splits: as for `anomalies`.
        path: of the page; replaced at once if it is there.
    """
    from tensorflow_data_validation.utils.display_util import get_statistics_html

    (first, of_first), *others = ((split, read(file)) for split, file in splits.items())
    parts = [
        f"<h2>{html.escape(first)} and {html.escape(split)}</h2>"
        + get_statistics_html(of_first, statistics, lhs_name=first, rhs_name=split)
        for split, statistics in others
    ] or [get_statistics_html(of_first, lhs_name=first)]
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text('<!doctype html><meta charset="utf-8">' + "\n".join(parts) + "\n", encoding="utf-8")
    beside.replace(path)
    return str(path)


def _plain(found: anomalies_pb2.Anomalies) -> dict[str, Any]:
    listed = {name: _anomaly(info) for name, info in sorted(found.anomaly_info.items())}
    if found.HasField("dataset_anomaly_info"):
        listed[WHOLE] = _anomaly(found.dataset_anomaly_info)
    return listed


def _anomaly(info: Any) -> dict[str, str]:
    severity = anomalies_pb2.AnomalyInfo.Severity.Name(info.severity).lower()
    return {"severity": severity, "problem": info.short_description, "description": info.description}
