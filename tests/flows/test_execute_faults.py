"""Runs whose processes are killed, stopped and ill-treated: what happened is said, and nothing half is ever used."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from tests.processes import processes
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import CANCELED, ENDED, FAILED, INTERRUPTED, RUNNING, Journal, Run
from zenrepo.runs.processes import lease
from zenrepo.runs.processes.lease import Lease
from zenrepo.runs.watching.past import past

pytestmark = pytest.mark.heavy

PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {on: [manual]}
steps:
  one: {type: steps.own.One}
  two: {type: steps.own.Two}
"""
STEPS = r'''
import gzip
import os
import shutil
import struct
import time
from pathlib import Path

import google_crc32c
from zenrepo.steps import CustomStep

EMPTY = b"\x0a\x00"
FAULTS = Path(os.environ["FAULTS"])


def masked(data):
    checksum = google_crc32c.value(data)
    return struct.pack("<I", (((checksum >> 15) | (checksum << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def record(example):
    """What a TFRecord holds of an example; TensorFlow would take seconds to import."""
    head = struct.pack("<Q", len(example))
    return head + masked(head) + example + masked(example)


def hold(name):
    (FAULTS / f"{name}-writes").touch()
    while (FAULTS / f"{name}-holds").exists():
        time.sleep(0.05)


class One(CustomStep):
    """Is half done for a while."""

    def run(self, examples, output):
        table = Path(output["train"], "table.gz")
        table.write_bytes(b"half of it")
        hold("one")
        table.write_bytes(gzip.compress(3 * record(EMPTY)))


class Two(CustomStep):
    """Behaves badly, and leaves."""

    def run(self, examples, output):
        hold("two")
        if os.fork() == 0:
            (FAULTS / "forked").write_text(str(os.getpid()))
            time.sleep(600)
        while not (FAULTS / "forked").exists():
            time.sleep(0.05)
        for _ in range(100):
            os.write(1, b"x" * 999_999 + b"\\n")
        shutil.rmtree(os.getcwd())
        os._exit(7)
'''
OPEN, FAILED_STATE, CANCELED_STATE = 2, 4, 6
"""RUNNING, FAILED and CANCELED of an execution, as ML Metadata writes them."""


def until(condition: Callable[[], Any]) -> Any:
    """Wait for something that comes."""
    for _ in range(1200):
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(condition)


class Site:
    """A repository whose runs can be held and hurt.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.faults = folder / "faults"
        self.faults.mkdir()
        self.git = git = GitRepository(folder / "repository")
        git.path.mkdir()
        git.git("init", "--quiet", "--initial-branch=main")
        Repository.init_repo(git.path, hooks=False)
        git.commit({".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/p.yaml": PIPELINE, "steps/own.py": STEPS})
        self.commit = git.git("rev-parse", "HEAD").strip()
        self.layout: Layout = locate(git.path)
        self.journal = Journal(self.layout.runs_db)
        self.workers: list[subprocess.Popen[bytes]] = []

    def hold(self, step: str) -> None:
        """Have a step wait where it is half done."""
        (self.faults / f"{step}-writes").unlink(missing_ok=True)
        (self.faults / f"{step}-holds").touch()

    def held(self, step: str) -> None:
        """Wait until a step is half done."""
        until((self.faults / f"{step}-writes").exists)

    def let_go(self, step: str) -> None:
        """Have a step go on."""
        (self.faults / f"{step}-holds").unlink()

    def start(self, pipeline: str = "p") -> tuple[Run, subprocess.Popen[bytes]]:
        """Queue a run, and start a worker that takes it, when any other has ended."""
        until(lambda: not self.is_worked_on())
        run = self.journal.add(pipeline, self.commit, self.layout.root, "asked for")
        command = [sys.executable, "-m", "zenrepo.cli", "-C", str(self.layout.root), "worker"]
        self.workers.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True))
        return run, self.workers[-1]

    def is_worked_on(self) -> bool:
        """Say whether a worker is there that a command started."""
        return any(f"zenrepo.cli.detached {self.layout.root}" in process.command for process in processes())

    def lease(self, run: Run) -> Lease:
        """Give the lease of a run that has a process."""

        def found() -> Lease | None:
            return next((x for x in self.journal.leases(RUNNING) if x.run == run.number and x.runner.pid), None)

        taken: Lease = until(found)
        return taken

    def ended(self, run: Run) -> Run:
        """Wait for the end of a run."""
        until(lambda: self.journal.run(run.number).state in ENDED)
        return self.journal.run(run.number)

    def zenrepo(self, *words: str) -> str:
        """Type a command."""
        command = [sys.executable, "-m", "zenrepo.cli", *words]
        done = subprocess.run(command, cwd=self.layout.root, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def executions(self) -> list[int]:
        """Give the states of all executions, the first first."""
        with sqlite3.connect(self.layout.metadata_db) as database:
            found = [state for (state,) in database.execute("select last_known_state from Execution order by id")]
        database.close()
        return found

    def steps(self, run: Run) -> dict[str, str]:
        """Give the last state of each step of a run."""
        return {e["step"]: e["state"] for e in past(self.layout, run.id) if e["event"] == "step"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One repository for all: what one test leaves behind, the next must get along with."""
    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        patch.setenv("FAULTS", str(folder / "faults"))
        (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        site = Site(folder)
        yield site
        for worker in site.workers:
            worker.kill()
            worker.wait()
        site.journal.close()


@pytest.fixture(scope="module")
def resumed(site: Site) -> Run:
    """A run whose runner was killed while its first step wrote; resumed, and ended by its second step."""
    site.hold("one")
    run, worker = site.start()
    site.held("one")
    os.kill(site.lease(run).runner.pid, signal.SIGKILL)
    killed = site.ended(run)
    assert worker.wait(60) == 0
    assert (killed.state, killed.message.splitlines()[0]) == (INTERRUPTED, "its runner was killed by SIGKILL")
    assert site.executions() == [OPEN]
    site.let_go("one")
    said = site.zenrepo("runs", "resume", str(run.number), "--detach")
    assert "which resumes run 1; zenrepo runs 2 --follow" in said, said
    return site.ended(site.journal.run(2))


def test_what_a_killed_run_left_open_is_closed_by_the_next(site: Site, resumed: Run) -> None:
    """No execution runs for ever, and no step of the killed run does."""
    assert resumed.reason == "asked for, resumes run 1"
    assert site.executions()[0] == FAILED_STATE
    assert site.journal.left_open() == []
    first, *others = (step["state"] for step in json.loads(site.zenrepo("why", "1", "--json"))["steps"])
    assert (first, set(others)) == ("stopped", {"waiting"})


def test_what_was_half_written_is_not_used(site: Site, resumed: Run) -> None:
    """The step that was killed is executed again, into a folder of its own."""
    [one] = [e for e in past(site.layout, resumed.id) if e.get("step") == "one" and e["state"] != "running"]

    assert (one["state"], one["facts"]["rows"]) == ("complete", 3)
    assert Path(one["artifacts"][0]["uri"]).name == "2"


def test_a_step_that_behaves_badly_ends_its_run_alone(site: Site, resumed: Run) -> None:
    """It prints 100 MB, leaves a process behind, deletes its folder and leaves: all is said, in a log that is short."""
    log = site.layout.run(resumed.id) / "two.log"
    forked = int((site.faults / "forked").read_text())

    assert (resumed.state, resumed.message.splitlines()[0]) == (
        FAILED,
        "step 'two' left its process with exit status 7",
    )
    assert (1 << 20) < log.stat().st_size < (11 << 20)
    assert until(lambda: not lease.born(forked))


def test_a_worker_that_is_killed_takes_its_run_with_it(site: Site, resumed: Run) -> None:
    """Its runner closes what it began; the next look at the runs says what happened, and another worker goes on."""
    site.hold("two")
    run, worker = site.start()
    site.held("two")
    runner = site.lease(run).runner
    behind = site.journal.add("p", site.commit, site.layout.root, "asked for")
    worker.kill()
    worker.wait()
    site.let_go("two")

    assert f"run {run.number} of 'p' at {run.commit[:12]}: interrupted" in site.zenrepo("runs", str(run.number))
    until(lambda: not runner.lives)
    assert site.steps(run)["one"] == "cached"
    assert site.ended(behind).state == FAILED
    assert CANCELED_STATE in site.executions()
    assert site.journal.run(run.number).state == INTERRUPTED


def test_a_running_run_is_canceled(site: Site, resumed: Run) -> None:
    """The step that runs ends with it."""
    site.hold("two")
    run, worker = site.start()
    site.held("two")

    assert "is being stopped" in site.zenrepo("runs", "cancel", str(run.number))
    ended = site.ended(run)

    assert (ended.state, ended.message) == (CANCELED, "by hand")
    assert site.executions()[-1] == CANCELED_STATE
    assert worker.wait(60) == 0


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["SIGTERM", "Ctrl-C twice"])
def test_a_worker_that_is_stopped_interrupts_its_run(site: Site, resumed: Run, signals: list[int]) -> None:
    """And leaves no process behind."""
    run, worker = site.start()
    runner = site.lease(run).runner

    for number in signals:
        worker.send_signal(number)
        time.sleep(0.2)

    assert worker.wait(60) in (128 + signals[0], -signals[0])  # a shell shows the same of both
    assert not runner.lives
    assert f"run {run.number} of 'p' at {run.commit[:12]}: interrupted" in site.zenrepo("runs", str(run.number))
