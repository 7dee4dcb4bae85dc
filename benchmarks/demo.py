"""Where the seconds of the demo go; baseline, importing TFX alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, show, zenrepo


def main() -> None:
    """Run the demo and print its seconds by part, and as multiples of the import of TFX."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-W", "ignore", "-c", "import tfx.v1"], check=True, capture_output=True)
    imports = time.monotonic() - begun
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "demo")
        begun = time.monotonic()
        subprocess.run(zenrepo("demo", str(folder)), env=ENVIRONMENT, check=True, capture_output=True)
        whole = time.monotonic() - begun
        rows = []
        for number in ("1", "2"):
            shown = subprocess.run(zenrepo("runs", number, "--json"), cwd=folder, check=True, capture_output=True)
            run = json.loads(shown.stdout)
            parts = next(event["parts"] for event in run["events"] if "parts" in event)
            took = run["ended"] - run["started"]
            rows.append((f"run {number}", took, took / imports, *(parts[name] for name in PARTS)))
    rows.append(("whole demo", whole, whole / imports, *["" for _ in PARTS]))
    show(
        f"the demo (seconds; `import tfx.v1` took {imports:.1f} s)",
        ("", "seconds", "x import tfx.v1", *PARTS),
        rows,
    )


PARTS = ("imports", "metadata", "beam", "work")
