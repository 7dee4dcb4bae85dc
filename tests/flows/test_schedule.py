"""What runs at set times, by a clock that the test holds."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.stay import stay
from zenrepo.flows.intake import trusted
from zenrepo.flows.intake.schedule import next_time, queue_due, scheduled
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, QUEUED, Journal
from zenrepo.runs.processes.staying import staying
from zenrepo.runs.processes.worker_start import start_worker

PIPELINE = """\
version: 1
name: {name}
kind: custom
trigger:
  on: [schedule]
  schedule: "{times}"
  timezone: UTC
  branches: {branches}
steps:
  work:
    type: steps.work.Work
"""
STEP = "from zenrepo.steps import CustomStep\nclass Work(CustomStep):\n    pass\n"


def pipeline(name: str, times: str = "0 3 * * *", branches: str = "[]") -> dict[str, str | bytes | None]:
    """Give the file of a pipeline that runs at set times."""
    return {f".zenml/pipelines/{name}.yaml": PIPELINE.format(name=name, times=times, branches=branches)}


@pytest.fixture
def own(repository: GitRepository) -> GitRepository:
    """A clone with a pipeline that runs every night at three, which is trusted."""
    repository.commit({".zenml/config.yaml": "version: 1\n", "steps/work.py": STEP, **pipeline("nightly")}, "one")
    trusted.trust(locate(repository.path))
    return repository


def at(text: str) -> float:
    """Give a time in UTC as seconds since 1970."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def queue_at(own: GitRepository, *moments: str) -> list[list[str]]:
    """Look at the clock some times, and give why runs were queued each time; each run is over before the next look."""
    layout = locate(own.path)
    queued = []
    for moment in moments:
        came = queue_due(layout, scheduled(layout), at(moment))
        queued.append([run.reason for ingested in came for run in ingested.runs])
        end_all(layout)
    return queued


def end_all(layout: Layout) -> None:
    """End what waits."""
    with Journal(layout.runs_db) as journal:
        for run in journal.runs(state=QUEUED):
            journal.end(run.number, CANCELED)


def test_a_run_is_queued_when_it_is_due(own: GitRepository) -> None:
    """Once, at the commit that HEAD points to then."""
    queued = queue_at(own, "2026-11-22T12:00", "2026-11-23T02:59", "2026-11-23T03:00", "2026-11-23T03:01")

    assert queued == [[], [], ["schedule 2026-11-23 03:00 UTC"], []]
    with Journal(locate(own.path).runs_db) as journal:
        assert journal.runs()[0].commit == own.git("rev-parse", "HEAD")


def test_a_schedule_counts_from_when_it_is_first_seen(own: GitRepository) -> None:
    """A new file does not run at once for a time before it."""
    assert queue_at(own, "2026-11-22T03:00") == [[]]


def test_what_was_missed_runs_once_and_late(own: GitRepository) -> None:
    """However many times went by; the last of them is named."""
    queued = queue_at(own, "2026-11-22T12:00", "2026-11-25T09:00", "2026-11-25T09:01", "2026-11-26T03:00")

    assert queued == [[], ["schedule 2026-11-25 03:00 UTC"], [], ["schedule 2026-11-26 03:00 UTC"]]


def test_a_clock_that_goes_back_makes_nothing_due_again(own: GitRepository) -> None:
    """Not for a minute, and not for days."""
    moments = ["2026-11-22T12:00", "2026-11-23T03:00", "2026-11-23T02:59", "2026-11-23T03:00"]
    queued = queue_at(own, *moments, "2026-11-22T02:00", "2026-11-22T03:00", "2026-11-23T04:00")

    assert queued == [[], ["schedule 2026-11-23 03:00 UTC"], [], [], [], [], []]


def test_a_schedule_that_changes_counts_anew(own: GitRepository) -> None:
    """What the new one would have meant before is not made up for."""
    queue_at(own, "2026-11-22T12:00")
    own.commit(pipeline("nightly", "0 1 * * *"))
    trusted.trust(locate(own.path))

    assert queue_at(own, "2026-11-23T02:00", "2026-11-24T01:00") == [[], ["schedule 2026-11-24 01:00 UTC"]]


def test_no_second_run_waits(own: GitRepository) -> None:
    """While one of the same schedule is queued, the next times go by."""
    layout = locate(own.path)
    for moment in ("2026-11-22T12:00", "2026-11-23T03:00", "2026-11-24T03:00"):
        queue_due(layout, scheduled(layout), at(moment))

    with Journal(layout.runs_db) as journal:
        assert [run.reason for run in journal.runs()] == ["schedule 2026-11-23 03:00 UTC"]


def test_branches_choose_where_it_runs(own: GitRepository) -> None:
    """At the tip of each that matches, as this has the file; without branches at HEAD alone."""
    own.commit(pipeline("nightly", branches="[main, release/*]"))
    own.git("branch", "release/1")
    own.git("branch", "side")
    own.git("checkout", "--quiet", "-b", "release/2")
    own.commit(pipeline("nightly", "0 4 * * *", "[release/*]"))
    own.git("checkout", "--quiet", "side")
    trusted.trust(locate(own.path), "main")
    trusted.trust(locate(own.path), "release/2")

    assert queue_at(own, "2026-11-22T12:00", "2026-11-23T03:00", "2026-11-23T04:00") == [
        [],
        ["schedule on main 2026-11-23 03:00 UTC", "schedule on release/1 2026-11-23 03:00 UTC"],
        ["schedule on release/2 2026-11-23 04:00 UTC"],
    ]


def test_a_bare_repository_runs_at_its_main_branch(own: GitRepository, tmp_path: Path) -> None:
    """What was pushed last is what runs."""
    bare = GitRepository(tmp_path / "server.git")
    own.git("clone", "--quiet", "--bare", ".", str(bare.path))
    trusted.trust(locate(bare.path))

    assert queue_at(bare, "2026-11-22T12:00", "2026-11-23T03:00") == [[], ["schedule 2026-11-23 03:00 UTC"]]


def test_what_is_not_trusted_is_not_queued(own: GitRepository) -> None:
    """It is said each time that it is due."""
    own.commit(pipeline("other", "0 5 * * *"))
    layout = locate(own.path)
    queue_due(layout, scheduled(layout), at("2026-11-22T12:00"))
    came = queue_due(layout, scheduled(layout), at("2026-11-23T05:00"))

    assert [run.pipeline for ingested in came for run in ingested.runs] == ["nightly"]
    assert ["zenrepo trust" in str(error) for ingested in came for error in ingested.broken] == [True]


def test_the_next_time_is_known(own: GitRepository) -> None:
    """One that was missed is in the past."""
    layout = locate(own.path)
    [found] = scheduled(layout)
    now = at("2026-11-22T12:00")

    assert next_time(layout, found, now) == at("2026-11-23T03:00")
    queue_due(layout, [found], now)
    assert next_time(layout, found, at("2026-11-25T12:00")) == at("2026-11-23T03:00")


def test_a_worker_stays_until_it_is_told_to_end(own: GitRepository, tmp_path: Path) -> None:
    """It takes what is queued meanwhile, others start none beside it, and it ends with code 0."""
    layout = locate(own.path)
    command = [sys.executable, "-m", "zenrepo.cli", "worker", "--stay"]
    log = tmp_path / "said"
    with log.open("w") as said:
        worker = subprocess.Popen(command, cwd=own.path, stderr=said)
    try:
        wait_until(lambda: staying(layout))
        second = subprocess.run(command, cwd=own.path, capture_output=True, text=True, check=False)
        with Journal(layout.runs_db) as journal:
            run = journal.add("nowhere", own.git("rev-parse", "HEAD"), own.path, "asked for")
            start_worker(layout)
        wait_until(lambda: f"run {run.number} of 'nowhere' is failed" in log.read_text())
    finally:
        worker.send_signal(signal.SIGTERM)
        code = worker.wait()

    assert code == 0
    assert second.returncode == 7
    assert "stays for" in second.stderr
    assert not layout.worker_log.exists()
    assert not staying(layout)
    assert f"run {run.number} of 'nowhere' at {run.commit[:7]} begins (asked for)" in log.read_text()


def test_what_is_due_is_queued_while_a_run_is_executed(own: GitRepository) -> None:
    """However long that one takes: the worker looks at the clock beside it."""
    layout = locate(own.path)
    with Journal(layout.runs_db) as journal:
        journal.add("nowhere", own.git("rev-parse", "HEAD"), own.path, "asked for")
    [nightly] = scheduled(layout)

    def tell(line: str) -> None:
        if "begins" in line:
            with Journal(layout.runs_db) as journal:
                journal.fire(nightly.pipeline.name, nightly.branch, nightly.text, at("2020-01-01T00:00"))
                wait_until(lambda: journal.runs("nightly", state=QUEUED))
            raise KeyboardInterrupt

    with Crew(layout) as crew, pytest.raises(KeyboardInterrupt):
        stay(layout, tell, crew)


def wait_until(ready: object) -> None:
    """Wait for what another process does."""
    assert callable(ready)
    until = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.05)
