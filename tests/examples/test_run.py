"""Two examples run whole; ``make examples`` runs all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["penguins", "titanic"])
def test_an_example_ends_in_a_number_that_makes_sense(name: str, tmp_path: Path) -> None:
    """From an empty folder to its metric, which is as the catalogue expects it."""
    command = [sys.executable, "-m", "zenrepo.cli", "example", "run", name, str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=570)

    assert done.returncode == 0, done.stdout + done.stderr
    assert ", within what was expected (" in done.stdout.splitlines()[-1]
