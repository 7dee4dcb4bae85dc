"""``zenrepo compare``."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.repo.conftest import MadeUp


def compare(made_up: MadeUp, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "zenrepo.cli", "compare", *arguments],
        cwd=made_up.repo.root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_prints_what_differs(made_up: MadeUp) -> None:
    """A run a line, the newest first."""
    made_up.run(args={"epochs": 1, "label": "bitter"}, metrics={"auc": 0.5})
    made_up.run(args={"epochs": 2, "label": "bitter"}, metrics={"auc": 0.75})

    done = compare(made_up)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["run", "pipeline", "commit", "trainer.epochs", "auc"],
        ["2", "tea", "ccccccc", "2", "0.75"],
        ["1", "tea", "ccccccc", "1", "0.5"],
    ]


def test_json_has_all_hyperparameters(made_up: MadeUp) -> None:
    """Those that are the same everywhere too; a date is text."""
    made_up.run(args={"label": "bitter", "since": {"!date": "2024-05-01"}}, metrics={"auc": 0.5})

    [run] = json.loads(compare(made_up, "tea", "--json").stdout)

    assert run["metrics"] == {"auc": 0.5}
    assert run["hyperparameters"]["trainer.label"] == "bitter"
    assert run["hyperparameters"]["trainer.since"] == "2024-05-01"


def test_nothing_to_compare_is_said(made_up: MadeUp) -> None:
    """On stderr; it is no error."""
    done = compare(made_up, "tea")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "no training run of 'tea' is complete yet\n"
