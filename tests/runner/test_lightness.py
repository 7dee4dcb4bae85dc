"""What the conductor does without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = """
import sys
from zenrepo.runner.conducting.lightness import OF_STEPS, without_heavy_imports

with without_heavy_imports(OF_STEPS):
    import zenrepo.runner.conducting.conductor
print(sorted({"tensorflow", "apache_beam", "numpy", "pyarrow", "pandas"} & set(sys.modules)))
"""
LATER = """
import sys
from zenrepo.runner.conducting.lightness import LATER, without_heavy_imports

with without_heavy_imports():
    import zenrepo.runner.conducting.conductor
assert "requests" not in sys.modules
import docker.models.containers
from googleapiclient import discovery
print(docker.DockerClient.__name__, discovery.build.__name__, *(sys.modules[name].__name__ for name in sorted(LATER)))
"""


def said(code: str) -> str:
    """Run code in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


@pytest.mark.heavy
def test_the_conductor_imports_no_heavy_library() -> None:
    """TFX's launcher works without TensorFlow and Beam, which would cost ten seconds."""
    assert said(HEAVY) == "[]"


@pytest.mark.heavy
def test_what_it_puts_off_is_there_for_a_step_that_wants_it() -> None:
    """The real modules, loaded when somebody looks inside."""
    assert said(LATER) == "DockerClient build docker googleapiclient._auth httplib2"
