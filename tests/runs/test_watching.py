"""A run as its user sees it: while it moves, and when it has failed in the user's own helper."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from zenrepo.repo import Repository

pytestmark = pytest.mark.heavy

PIPELINE = """\
version: 1
name: bread
kind: custom
trigger: {on: [manual]}
steps:
  knead: {type: steps.own.Knead, args: {rows: 5}}
  bake: {type: steps.own.Bake, args: {wanted: 10}}
"""
STEPS = '''
import subprocess
import time
from pathlib import Path

from lib.oven import bake
from zenrepo.steps import CustomStep


class Knead(CustomStep):
    """Says how far it is, and prints; so does what it starts."""

    def __init__(self, rows):
        self.rows = rows

    def run(self, examples, output):
        import pyarrow as pa

        from zenrepo.runner.artifacts import records

        with records.ShardWriter(Path(output["train"], "dough.gz")) as writer:
            for n in range(self.rows):
                writer.write(pa.RecordBatch.from_pydict({"n": [n]}))
                self.progress(n + 1, self.rows, "loaves")
                print("loaf", n, flush=True)
                time.sleep(0.3)
        subprocess.run(["echo", "kneaded"], check=True)


class Bake(CustomStep):
    """Fails in a helper."""

    def __init__(self, wanted):
        self.wanted = wanted

    def run(self, examples, output):
        print("in \\x1b[31mthe oven")
        bake(examples, self.wanted)
'''
OVEN = """\
def bake(examples, wanted):
    if len(examples) < wanted:
        raise ValueError(f"too little for {wanted}")
"""


@dataclass
class Clone:
    """A repository in which a run has failed.

    Args:
        folder: its working tree.
        events: of the run, as ``--follow --json --log`` printed them.
        code: with which that command ended.
    """

    folder: Path
    events: list[dict[str, Any]]
    code: int

    def zenrepo(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Type a command."""
        command = [sys.executable, "-m", "zenrepo.cli", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """One run for all."""
    folder = tmp_path_factory.mktemp("watching")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        git = GitRepository(folder / "repository")
        git.path.mkdir()
        git.git("init", "--quiet", "--initial-branch=main")
        Repository.init_repo(git.path, hooks=False)
        files = {".zenml/pipelines/bread.yaml": PIPELINE, "steps/own.py": STEPS, "lib/oven.py": OVEN}
        git.commit({".zenml/config.yaml": "version: 1\n", **files})
        clone = Clone(git.path, [], 0)
        queued = clone.zenrepo("run", "bread", "--detach")
        assert queued.stderr.endswith("; zenrepo runs 1 --follow\n"), queued.stderr
        git.commit({"lib/oven.py": "# the oven\n" + OVEN}, "go on")
        done = clone.zenrepo("runs", "1", "--follow", "--json", "--log")
        clone.events = [json.loads(line) for line in done.stdout.splitlines()]
        clone.code = done.returncode
        yield clone


def test_events_come_a_line_each_to_the_end(clone: Clone) -> None:
    """What a step printed comes before its end; the last event has the end of the run, and the exit code says it."""
    kinds = [(event["event"], event.get("step", "")) for event in clone.events]

    assert clone.code == 6
    assert kinds[-1] == ("end", "")
    assert clone.events[-1]["state"] == "failed"
    knead = [event for event in clone.events if event.get("step") == "knead"]
    assert [event["text"] for event in knead if event["event"] == "log"] == [
        *(f"loaf {n}" for n in range(5)),
        "kneaded",
    ]
    assert (knead[-1]["event"], knead[-1]["state"]) == ("step", "complete")


def test_a_step_tells_how_far_it_is(clone: Clone) -> None:
    """While it runs, and only forwards."""
    told = [event for event in clone.events if event["event"] == "progress"]

    assert {(event["step"], event["total"], event["unit"]) for event in told} == {("knead", 5, "loaves")}
    assert [event["done"] for event in told] == sorted({event["done"] for event in told})


def test_a_failure_is_explained_by_the_users_own_line(clone: Clone) -> None:
    """As it was at the run's commit, with what the step was given and made with."""
    [failure] = clone.events[-1]["failures"]

    assert failure["message"] == "step 'bake': ValueError: too little for 10 (lib/oven.py:3 in bake)"
    assert (failure["place"]["file"], failure["place"]["line"]) == ("lib/oven.py", 3)
    assert failure["place"]["source"]["3"].strip() == 'raise ValueError(f"too little for {wanted}")'
    assert failure["arguments"] == {"wanted": 10}
    assert [(given["step"], given["rows"]) for given in failure["inputs"]] == [("knead", {"train": 5})]


def test_the_run_is_shown_with_its_failure(clone: Clone) -> None:
    """A step alone, too; a listing says how far it came."""
    shown = clone.zenrepo("runs", "1")
    listed = json.loads(clone.zenrepo("runs", "--state", "failed", "--commit", "HEAD~1", "--json").stdout)

    assert '  > 3 |         raise ValueError(f"too little for {wanted}")' in shown.stdout.splitlines()
    assert "lib/oven.py:3 in bake" in shown.stderr
    assert "knead" not in clone.zenrepo("runs", "1", "bake").stdout.partition("details:")[0]
    assert [(run["run"], run["steps"]["done"], run["steps"]["failed"]) for run in listed] == [(1, 1, ["bake"])]
    assert json.loads(clone.zenrepo("runs", "--commit", "HEAD", "--json").stdout) == []


def test_logs_are_printed_and_steer_no_terminal(clone: Clone) -> None:
    """Those of all steps say whose each line is; a step that is not there is named with those that are."""
    every = clone.zenrepo("runs", "1", "--log").stdout
    bake = clone.zenrepo("runs", "1", "--log", "bake").stdout
    wrong = clone.zenrepo("runs", "1", "--log", "bakes")

    assert "knead | loaf 4\nknead | kneaded\nbake | in \\x1b[31mthe oven\n" in every
    assert bake.startswith("in \\x1b[31mthe oven\nTraceback")
    assert "did you mean 'bake'?" in wrong.stderr
