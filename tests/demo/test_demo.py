"""The demo does what zenrepo exists for, from an empty folder to a prediction."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the repository that the demo makes, for somebody who signs commits and keeps hooks in one folder."""
    place = tmp_path_factory.mktemp("demo")
    (place / "gitconfig").write_text(
        f"[commit]\ngpgSign = true\n[gpg]\nprogram = false\n[core]\nhooksPath = {place}/hooks\n"
    )
    return place / "repository"


@pytest.fixture(scope="module")
def shown(folder: Path) -> str:
    """Take the tour once, and keep what it shows."""
    command = [sys.executable, "-m", "zenrepo.cli", "demo", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=variables(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def zenrepo(folder: Path, *arguments: str) -> str:
    """Ask the repository that the demo left."""
    command = [sys.executable, "-m", "zenrepo.cli", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=variables(folder))
    return done.stdout


def variables(folder: Path) -> dict[str, str]:
    """Have what the user trusted outlive one test, and the user's own settings of git."""
    place = folder.parent
    return {**os.environ, "XDG_STATE_HOME": str(place / "state"), "GIT_CONFIG_GLOBAL": str(place / "gitconfig")}


def states(shown: str, run: int) -> dict[str, str]:
    """Give the state of each step of a run, as it was shown."""
    part = shown.split("$ zenrepo runs --follow")[run]
    return dict(re.findall(r"^. (\w+) +(complete|cached|failed|skipped)", part, re.MULTILINE))


STEPS = ("data", "split", "statistics", "schema", "preprocess", "trainer", "evaluator", "deployer")


@pytest.mark.timeout(600)
def test_the_second_run_uses_again_what_did_not_change(shown: str) -> None:
    """The first commit runs every step; the edit of a helper runs the trainer and what follows it."""
    assert states(shown, 1) == dict.fromkeys(STEPS, "complete")
    assert states(shown, 2) == dict.fromkeys(STEPS[:5], "cached") | dict.fromkeys(STEPS[5:], "complete")


def test_what_the_user_set_git_to_is_left_alone(shown: str, folder: Path) -> None:
    """The demo's hooks are its own repository's."""
    assert not (folder.parent / "hooks").exists()
    assert (folder / ".git/hooks/post-commit").exists()


def test_two_versions_live_side_by_side(shown: str) -> None:
    """Both versions of the trainer are listed, and each loads with the layers that it had."""
    listed = shown.split("$ zenrepo steps --type steps.network.Network\n")[1].splitlines()[1:3]

    assert "helper steps/shape.py" in listed[0]
    assert "new" in listed[1]
    assert sorted(re.findall(r"has the layers (.*)", shown)) == ["[30, 15]", "[60, 30]"]


def test_the_deployed_model_leads_back_to_both_commits(shown: str, folder: Path) -> None:
    """The lineage has every step, the version that ran, the data, and the commits."""
    found = json.loads(zenrepo(folder, "lineage", "serving/cancer", "--json"))
    made = {e["step"]: e for e in found["executions"] if not e["cached"]}
    commits = subprocess.run(
        ["git", "rev-list", "--reverse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.split()

    assert set(made) >= set(STEPS)
    assert made["data"]["files"].keys() == {"data/cancer.csv"}
    assert made["data"]["commit"] == commits[0]
    assert made["deployer"]["commit"] == made["trainer"]["version"] == commits[1]
    assert "Widen the network" in shown.split("made by these commits:")[1]


def test_the_model_answers(shown: str) -> None:
    """The predictions agree with what is known of the tumours, but for one at the most."""
    answers = re.findall(r"benign with probability (\S+); it was (\w+)", shown)
    right = [(float(probability) > 0.5) == (truth == "benign") for probability, truth in answers]

    assert len(right) == 6
    assert sum(right) >= 5


def test_each_step_is_explained(shown: str, folder: Path) -> None:
    """The trainer ran because of the helper's line, what follows it because of the trainer."""
    found = {step["step"]: step for step in json.loads(zenrepo(folder, "why", "2", "--json"))["steps"]}

    assert [found[name]["run"] for name in STEPS[:5]] == [1] * 5
    [cause] = found["trainer"]["causes"]
    assert (cause["kind"], cause["files"]) == ("code", [{"path": "steps/shape.py", "added": 1, "removed": 1}])
    [cause] = found["evaluator"]["causes"]
    assert cause["text"] == "model, test_results: step 'trainer' ran again"
    assert {cause["kind"] for cause in found["deployer"]["causes"]} == {"input"}


def test_what_ran_would_be_used_again(shown: str, folder: Path) -> None:
    """The impact of the commit is foreseen from what its own run left."""
    [found] = json.loads(zenrepo(folder, "impact", "HEAD", "--json"))["pipelines"]

    assert found["reason"] == "steps.network.Network changed"
    assert {step["step"]: (step["runs"], step["run"]) for step in found["steps"]} == {
        name: (False, 1 if name in STEPS[:5] else 2) for name in STEPS
    }


def test_the_runs_are_kept(shown: str, folder: Path) -> None:
    """Both runs are in the journal with their reasons and the parts of their time."""
    runs = json.loads(zenrepo(folder, "runs", "--json"))
    events = json.loads(zenrepo(folder, "runs", "1", "--json"))["events"]

    assert [(run["state"], run["reason"]) for run in runs] == [
        ("complete", "steps.network.Network changed"),
        ("complete", "its file changed"),
    ]
    assert set(events[-1]["parts"]) == {"imports", "metadata", "beam", "work"}
    assert "Where the time went" in shown


def test_the_demo_asks_for_an_empty_folder(tmp_path: Path) -> None:
    """Nothing of the user's is overwritten."""
    (tmp_path / "mine").write_text("")
    command = [sys.executable, "-m", "zenrepo.cli", "demo", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "is not empty" in done.stderr
