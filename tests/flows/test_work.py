"""The worker between runs and beside them: what it waits for, what it watches, what it closes."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import Damaged, Unwritable
from zenrepo.flows.execution import work
from zenrepo.flows.execution.crew import Crew, side_by_side
from zenrepo.flows.execution.execute import left_open
from zenrepo.flows.execution.guard import guard
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import COMPLETE, FAILED, INTERRUPTED, Journal, Run

ELSEWHERE = "update leases set host = 'elsewhere', boot = 'another start'"


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """A clone without pipelines: whatever is queued here fails at once."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    return locate(repository.path)


@pytest.fixture
def journal(layout: Layout) -> Iterator[Journal]:
    """Its journal."""
    with Journal(layout.runs_db) as journal:
        yield journal


def queue(layout: Layout, journal: Journal) -> Run:
    """Queue a run at the commit of HEAD."""
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=layout.folder, text=True).strip()
    return journal.add("tea", commit, layout.root, "asked for")


def test_what_another_machine_holds_up_is_waited_for(
    layout: Layout, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue has a run of a pipeline that is executed elsewhere: the worker pauses, and looks again."""
    queue(layout, journal)
    journal.take()
    journal._database.execute(ELSEWHERE)
    queue(layout, journal)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            journal.end(1, COMPLETE)

    monkeypatch.setattr(work.time, "sleep", pause)
    executed = work.work(layout)

    assert executed == 1
    assert journal.run(2).state == FAILED
    assert len(pauses) == 3
    assert min(pauses) >= 1


@pytest.fixture
def runner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for a run's, and would live for long."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, start_new_session=True) as process:
        yield process
        process.kill()


def ends(process: subprocess.Popen[bytes]) -> bool:
    """Say whether a process is ended, by somebody else."""
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_a_run_can_be_canceled_after_the_journal_could_not_be_used(
    layout: Layout, journal: Journal, runner: subprocess.Popen[bytes]
) -> None:
    """A disk that is full for a moment leaves it watched."""
    run = queue(layout, journal)
    journal.take()
    looks = []

    def superseded(_: Journal) -> str:
        looks.append(time.monotonic())
        if len(looks) < 3:
            raise Unwritable(str(layout.runs_db), errno.ENOSPC)
        return ""

    with guard(layout.runs_db, run.number, superseded, runner):
        while len(looks) < 4:
            time.sleep(0.1)
        journal.cancel(run.number)

        assert ends(runner)


def test_a_run_can_be_canceled_after_the_journal_was_mended(
    layout: Layout, journal: Journal, runner: subprocess.Popen[bytes]
) -> None:
    """Another file has taken its place."""
    run = queue(layout, journal)
    journal.take()
    journal._database.execute("pragma wal_checkpoint(truncate)")
    with guard(layout.runs_db, run.number, lambda _: "", runner):
        layout.runs_db.write_bytes(layout.runs_db.read_bytes()[:-4096])
        with pytest.raises(Damaged), Journal(layout.runs_db) as other:
            other.check()
        with Journal(layout.runs_db) as other:
            other.cancel(run.number)

        assert ends(runner)


def test_what_a_killed_run_left_in_another_store_is_left_to_those_who_write_there(
    layout: Layout, journal: Journal, tmp_path: Path
) -> None:
    """A run that had not begun, or whose store is gone, has nothing that anybody could close there."""
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    ours.touch()
    theirs.touch()
    for store in (ours, theirs, tmp_path / "gone.db", None):
        run = queue(layout, journal)
        journal.take()
        journal.end(run.number, INTERRUPTED, left_open=True)
        if store:
            layout.run(run.id).mkdir(parents=True)
            (layout.run(run.id) / "plan.json").write_text(json.dumps({"metadata_store": str(store)}))

    assert left_open(layout, journal, str(ours)) == dict.fromkeys(["tea-1", "tea-3", "tea-4"], INTERRUPTED)
    assert left_open(layout, journal, str(theirs)) == dict.fromkeys(["tea-2", "tea-3", "tea-4"], INTERRUPTED)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_begins_with_what_is_installed_then(
    layout: Layout, journal: Journal, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warm parents of before are let go, also while another run is executed."""
    changes = iter(range(100))
    monkeypatch.setattr("zenrepo.flows.execution.crew.stamp", lambda: next(changes))
    for _ in range(2):
        queue(layout, journal)

    with Crew(layout, jobs) as crew:
        retired: list[tuple[str, ...]] = []
        monkeypatch.setattr(crew.parents, "retire", lambda *kinds: retired.append(kinds))
        side_by_side(journal.take, lambda run: _end(layout, run), crew)

    assert retired == [(), ()]


def _end(layout: Layout, run: Run) -> None:
    with Journal(layout.runs_db) as journal:
        journal.end(run.number, COMPLETE)
