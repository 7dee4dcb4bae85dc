"""What StandardPreprocess costs over 30 numeric features; baseline, one TensorFlow Transform analyzer a feature.

Both run TFX's Transform on scikit-learn's breast cancer table in a process of their own, and only the Transform is
measured. The baseline computes statistics, as Transform does unless it is told otherwise. Both must give the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, show


def main() -> None:
    """Measure both and print them."""
    seconds = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("separate", "standard"):
            folder = Path(scratch, name)
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.transforms", name, str(folder)]
            shown = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
            seconds[name] = float(shown.stdout.splitlines()[-1])
        difference = _difference(Path(scratch))
    show(
        f"preprocessing 30 numeric features (CPU seconds; greatest difference of a result {difference:.1e})",
        ("", "seconds", "x separate analyzers"),
        [(name, took, took / seconds["separate"]) for name, took in seconds.items()],
    )


def _difference(scratch: Path) -> float:
    """Say by how much the two at most differ in a number."""
    found = [
        json.loads((scratch / name / "found.json").read_text(encoding="utf-8")) for name in ("separate", "standard")
    ]
    return max(abs(one - two) for name in found[0] for one, two in zip(found[0][name], found[1][name], strict=True))
