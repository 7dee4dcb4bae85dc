"""A whole pipeline, first and wholly cached, and with a long past; baseline, the same pipeline in TFX by hand."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import cancer
from benchmarks.long_past import lengthen
from benchmarks.measure import cpu, show
from zenrepo.git.locate import locate

PAST = 10_000
"""Executions in the metadata store, for a long past."""
REPEATS = 3


def main() -> None:
    """Run both, and print their CPU seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        by_hand = _by_hand(Path(scratch, "by hand"))
        ours = _ours(Path(scratch, "repository"))
    names = ("first run", "wholly cached", f"wholly cached, after {PAST} executions")
    rows = [(name, *pair, pair[0] / pair[1]) for name, pair in zip(names, zip(ours, by_hand, strict=True), strict=True)]
    show(
        "a pipeline of six steps (CPU seconds of all its processes)",
        ("", "zenrepo", "TFX by hand", "ratio"),
        rows,
    )


def _by_hand(folder: Path) -> list[float]:
    """Measure LocalDagRunner."""
    table = cancer.write_table(folder / "table")
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.by_hand", str(table.parent), str(folder)]
    return _measure(lambda: cpu(command, Path(__file__).resolve().parent.parent, repeats=1), folder / "metadata.db")


def _ours(folder: Path) -> list[float]:
    """Measure a worker that executes one run."""
    folder.mkdir()
    cancer.make_repository(folder)
    return _measure(lambda: cancer.execute(folder), locate(folder).metadata_db)


def _measure(execute: Callable[[], float], store: Path) -> list[float]:
    """Measure a first run, one that is wholly cached, and one of the latter after a long past."""
    first, cached = execute(), statistics.median(execute() for _ in range(REPEATS))
    lengthen(store, PAST)
    return [first, cached, statistics.median(execute() for _ in range(REPEATS))]
