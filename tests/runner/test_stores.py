"""Stores that several runs, or several clones, write into."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from tests.runner.conftest import Bench, step

pytestmark = pytest.mark.heavy

STEP = """
import gzip
from pathlib import Path

from zenrepo.steps import CustomStep

ONE_EMPTY_EXAMPLE = bytes.fromhex("020000000000000078270b340a0039818bab")


class Numbered(CustomStep):
    def __init__(self, *, number: int = 0) -> None:
        super().__init__(number=number)
        self.number = number

    def run(self, examples, output):
        Path(output["train"], f"{self.number}.gz").write_bytes(gzip.compress(ONE_EMPTY_EXAMPLE))
"""


def test_a_metadata_store_that_begins_anew_leaves_old_artifacts_as_they_are(tmp_path: Path) -> None:
    """As where it was deleted, put back from a backup, or where each clone has its own beside one artifact store."""
    bench = Bench(tmp_path)
    bench.checkout.joinpath("steps", "own.py").write_text(STEP)
    ran = []
    for number in (1, 2):
        one = replace(step("custom", "steps.own.Numbered", number=number), name="one")
        ran.append(bench.run(replace(bench.plan(one, pipeline="own"), run="own-1")))
        (tmp_path / "metadata.db").unlink()
    folders = [Path(each.artifact("one", "examples")["uri"]) for each in ran]

    assert [each.step("one")["execution"] for each in ran] == [1, 1]
    assert [each.step("one")["facts"]["splits"] for each in ran] == [{"train": 1}, {"train": 1}]
    assert [[file.name for file in folder.rglob("*.gz")] for folder in folders] == [["1.gz"], ["2.gz"]]


def test_runs_that_share_a_metadata_store_wait_in_one_line(tmp_path: Path) -> None:
    """The lock stands beside the store, wherever the folder of the run is."""
    bench = Bench(tmp_path)
    bench.checkout.joinpath("steps", "own.py").write_text(STEP)
    store = tmp_path / "shared" / "metadata.db"
    store.parent.mkdir()
    plan = bench.plan(
        replace(step("custom", "steps.own.Numbered"), name="one"), pipeline="own", metadata_store=str(store)
    )
    with FileLock(f"{store}.lock"):
        runner = bench.start(plan)
        assert runner.stdout is not None
        runner.stdout.readline()  # it has begun
        with pytest.raises(subprocess.TimeoutExpired):
            runner.wait(2)
        is_made_without_the_lock = store.exists()
    runner.communicate(timeout=200)

    assert not is_made_without_the_lock
    assert runner.returncode == 0
