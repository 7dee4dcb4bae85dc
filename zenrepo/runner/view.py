"""``python -m zenrepo.runner.view QUESTION``: read artifacts for the light half.

The arguments come as one JSON map on standard input, and one goes out on standard output: ``{"answer": …}``, or
``{"error": {"message": …, "hint": …, "exit_code": …}}``. Only TensorFlow
Data Validation's own work and TFRecords need TensorFlow; a schema and statistics are read without it in a tenth of a
second.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zenrepo.errors import ZenrepoError
from zenrepo.runner.views import examples, feature_statistics, schema, validation

SCHEMA, STATISTICS = "schema.pbtxt", "FeatureStats.pb"
"""TFX's names for the files of a schema and of a split's statistics."""


def view_schema(uri: str) -> dict[str, Any]:
    """Read a schema: the features by name."""
    return schema.features(schema.read(Path(uri, SCHEMA)))


def view_statistics(uri: str) -> dict[str, Any]:
    """Read statistics: the features by name, by split."""
    return {split: feature_statistics.features(feature_statistics.read(file)) for split, file in _splits(uri).items()}


def write_statistics_page(uri: str, html: str) -> str:
    """Write TFDV's own page about statistics; return its path."""
    return validation.page(_splits(uri), Path(html))


def view_anomalies(uri: str) -> dict[str, Any]:
    """Hold the statistics of each split against the schema that those of ``train`` give."""
    return validation.anomalies(_splits(uri))


def sample(uri: str, split: str, n: int) -> list[dict[str, Any]]:
    """Read the first examples of a split."""
    return examples.sample(Path(uri), split, n)


VIEWS: dict[str, Callable[..., Any]] = {
    "schema": view_schema,
    "statistics": view_statistics,
    "statistics page": write_statistics_page,
    "anomalies": view_anomalies,
    "examples": sample,
}


def main() -> int:
    """Answer the question that the command line names."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what any library prints goes to standard error
    try:
        answer = {"answer": VIEWS[sys.argv[1]](**json.load(sys.stdin))}
    except ZenrepoError as error:
        answer = {"error": {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}}
    json.dump(answer, out)
    out.close()
    return 0


def _splits(uri: str) -> dict[str, Path]:
    """Find the statistics' files by split, ``train`` first, as all that compares splits begins with it."""
    found = {file.parent.name.removeprefix("Split-"): file for file in sorted(Path(uri).glob(f"Split-*/{STATISTICS}"))}
    if not found:
        raise ZenrepoError(f"there are no statistics in '{uri}'", "run the pipeline again")
    return dict(sorted(found.items(), key=lambda item: item[0] != "train"))


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # nothing is left to do, and tearing TensorFlow down takes time
