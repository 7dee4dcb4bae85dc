"""What the conductor does without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from zenrepo.runner.conducting.lightness import without_heavy_imports

with without_heavy_imports():
    import zenrepo.runner.conducting.conductor
print(sorted({"tensorflow", "apache_beam", "numpy", "pyarrow", "pandas"} & set(sys.modules)))
"""


@pytest.mark.heavy
def test_the_conductor_imports_no_heavy_library() -> None:
    """TFX's launcher works without TensorFlow and Beam, which would cost ten seconds."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout.strip() == "[]"
