"""A worker that waits for more, with its parents warm, and runs side by side: with real processes."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from tests.processes import processes
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import COMPLETE, ENDED, FAILED, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.processes import lease
from zenrepo.runs.processes.bell import ring
from zenrepo.runs.processes.worker_start import start_worker
from zenrepo.runs.watching.past import past

pytestmark = pytest.mark.heavy

PIPELINES = ("a", "b", "c")
ALONE = Options(last="two")
"""Without the statistics behind them, which need TensorFlow."""

PIPELINE = """\
version: 1
name: {name}
kind: custom
trigger: {{on: [manual]}}
steps:
  one: {{type: steps.own.One}}
  two: {{type: steps.own.One, args: {{after: true}}}}
"""
TWO_TABLES = """\
version: 1
name: tables
kind: custom
trigger: {on: [manual]}
steps:
  one: {type: steps.own.One}
  two: {type: zenrepo.steps.CSVDataStep, args: {path: numbers.csv}}
"""
JOBS = [sys.executable, "-W", "ignore", "-m", "zenrepo.cli", "worker", "--jobs", "2"]
STEPS = r'''
import gzip
import os
import struct
import sys
import time
from itertools import pairwise
from pathlib import Path

import google_crc32c
from zenrepo.steps import CustomStep

EXAMPLE = b"\x0a\x00"


def masked(data):
    checksum = google_crc32c.value(data)
    return struct.pack("<I", (((checksum >> 15) | (checksum << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


class One(CustomStep):
    """Says where it is, and leaves what should not stay."""

    def __init__(self, *, after: bool = False) -> None:
        super().__init__(after=after)

    def run(self, examples, output):
        self.facts.update(
            said=os.environ.get("SAID", ""), left=os.environ.get("LEFT", ""), leaked="leaked" in sys.modules,
            parent=os.getppid(), files=len(os.listdir("/dev/fd")), heavy="tensorflow" in sys.modules,
        )
        os.environ["LEFT"] = "behind"
        sys.modules["leaked"] = sys
        self.kept = [open(os.devnull) for _ in range(10)]
        hold = Path(os.environ["FAULTS"], "hold")
        if hold.exists():
            Path(os.environ["FAULTS"], "held").write_text(str(os.getpid()))
        while hold.exists():
            time.sleep(0.05)
        head = struct.pack("<Q", len(EXAMPLE))
        record = head + masked(head) + EXAMPLE + masked(EXAMPLE)
        Path(output["train"], "table.gz").write_bytes(gzip.compress(record))
'''


def until(condition: Callable[[], Any]) -> Any:
    """Wait for something that comes."""
    for _ in range(1800):
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(condition)


class Site:
    """A repository with a worker that waits for more.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git = GitRepository(folder / "repository")
        self.git.path.mkdir()
        self.git.git("init", "--quiet", "--initial-branch=main")
        Repository.init_repo(self.git.path, hooks=False)
        files = {f".zenml/pipelines/{name}.yaml": PIPELINE.format(name=name) for name in PIPELINES}
        files |= {".zenml/pipelines/tables.yaml": TWO_TABLES, "numbers.csv": "n\n1\n2\n"}
        self.commit = self.git.commit({**files, "steps/own.py": STEPS})
        self.layout: Layout = locate(self.git.path)

    def queue(self, pipeline: str = "a", *, start: bool = True) -> Run:
        """Queue a run that uses nothing again."""
        with Journal(self.layout.runs_db) as journal:
            run = journal.add(pipeline, self.commit, self.layout.root, "asked for", cache=False, options=ALONE)
        if start:
            start_worker(self.layout)
        return run

    def ended(self, run: Run) -> Run:
        """Wait for the end of a run."""
        with Journal(self.layout.runs_db) as journal:
            until(lambda: journal.run(run.number).state in ENDED)
            return journal.run(run.number)

    def facts(self, run: Run) -> dict[str, Any]:
        """Give what the first step of a run found out."""
        [ended] = [e for e in past(self.layout, run.id) if e.get("step") == "one" and e["state"] == COMPLETE]
        found: dict[str, Any] = ended["facts"]
        return found

    def end_worker(self) -> None:
        """End the process that waits."""
        worker = self.worker()
        if worker:
            os.kill(worker, signal.SIGTERM)
            until(lambda: not self.worker())

    def worker(self) -> int:
        """Give the process that waits."""
        waiting = f"zenrepo.cli.detached {self.layout.root}"
        return next((process.pid for process in processes() if waiting in process.command), 0)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One repository for all, whose worker is ended behind them."""
    folder = tmp_path_factory.mktemp("lingering")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        patch.setenv("FAULTS", str(folder))
        patch.setenv("ZENREPO_WORKER_IDLE", "10 min")
        (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        site = Site(folder)
        yield site
        worker = site.worker()
        if worker:
            os.kill(worker, signal.SIGKILL)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the workers of this file wait."""
    monkeypatch.setenv("ZENREPO_WORKER_IDLE", "10 min")


@pytest.fixture(scope="module")
def two(site: Site) -> tuple[Run, Run, int]:
    """Two runs, one after the other, that were asked for with different variables; and the worker between them."""
    ran = []
    for said in ("first", "second"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SAID", said)
            patch.setenv("ZENREPO_WORKER_IDLE", "10 min")
            ran.append(site.ended(site.queue()))
        worker = site.worker()
    return ran[0], ran[1], worker


def test_a_worker_waits_and_its_parent_stays_warm(site: Site, two: tuple[Run, Run, int]) -> None:
    """The second run finds both."""
    first, second, worker = two

    assert (first.state, second.state) == (COMPLETE, COMPLETE), (first.message, second.message)
    assert site.worker() == worker != 0
    assert site.facts(first)["parent"] == site.facts(second)["parent"]
    assert not site.facts(second)["heavy"]


def test_nothing_leaks_from_one_run_into_the_next(site: Site, two: tuple[Run, Run, int]) -> None:
    """Neither variables, nor modules, nor open files; and each has the variables of whoever asked for it."""
    first, second = site.facts(two[0]), site.facts(two[1])

    assert (first["said"], second["said"]) == ("first", "second")
    assert (second["left"], second["leaked"]) == ("", False)
    assert first["files"] == second["files"]


def test_a_parent_that_is_killed_takes_its_step_with_it_and_another_one_comes(
    site: Site, two: tuple[Run, Run, int]
) -> None:
    """The run says so; the next one is as any other."""
    hold, held = site.folder / "hold", site.folder / "held"
    hold.touch()
    run = site.queue()
    step = int(until(lambda: held.exists() and held.read_text()))
    os.kill(site.facts(two[1])["parent"], signal.SIGKILL)
    ended = site.ended(run)
    until(lambda: not lease.born(step))
    hold.unlink()

    assert ended.state == FAILED
    assert ended.message.startswith("step 'one' did not finish: the process that it came from ended")
    assert site.ended(site.queue()).state == COMPLETE


def test_runs_of_several_pipelines_are_executed_side_by_side(site: Site, two: tuple[Run, Run, int]) -> None:
    """Two workers are started on two working trees: every run is executed once, those of a pipeline in order."""
    site.end_worker()
    with closing(sqlite3.connect(site.layout.metadata_db)) as database:
        [(before,)] = database.execute("select count(*) from Execution")
    site.git.git("worktree", "add", "--quiet", str(site.folder / "other"))
    runs = [site.queue(name, start=False) for _ in range(4) for name in PIPELINES]
    workers = [subprocess.Popen(JOBS, cwd=place) for place in (site.git.path, site.folder / "other")]

    assert [worker.wait(300) for worker in workers] == [0, 0]
    ended = [site.ended(run) for run in runs]
    assert Counter(run.state for run in ended) == {COMPLETE: len(runs)}, [run.message for run in ended]
    for name in PIPELINES:
        own = [run for run in ended if run.pipeline == name]
        assert all(a.ended <= b.started for a, b in pairwise(own) if a.ended and b.started)
    assert any(a.started < b.started < a.ended for a in ended for b in ended if a.started and b.started and a.ended)
    with closing(sqlite3.connect(site.layout.metadata_db)) as database:
        [(after,)] = database.execute("select count(*) from Execution where last_known_state = 3")
        [(every,)] = database.execute("select count(*) from Execution")
    assert every - before == 2 * len(runs)
    assert after >= 2 * len(runs)


def test_steps_that_need_nothing_of_each_other_work_side_by_side(site: Site) -> None:
    """The second one comes to its end while the first still holds."""
    site.end_worker()
    site.folder.joinpath("hold").touch()
    run = site.queue("tables", start=False)
    worker = subprocess.Popen(JOBS, cwd=site.git.path)

    until(lambda: any((e.get("step"), e.get("state")) == ("two", COMPLETE) for e in past(site.layout, run.id)))
    site.folder.joinpath("hold").unlink()
    assert worker.wait(300) == 0
    assert site.ended(run).state == COMPLETE


def test_a_worker_whose_repository_is_deleted_ends(site: Site, two: tuple[Run, Run, int]) -> None:
    """And one that is told to end does so at once, its parents with it."""
    assert site.ended(site.queue()).state == COMPLETE
    worker = site.worker()
    assert worker
    shutil.rmtree(site.git.path)

    assert until(lambda: not lease.born(worker))
    assert not ring(site.layout)
