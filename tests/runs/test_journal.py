"""The journal keeps every run through several processes, formats, clocks and places."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import UsageError, ZenrepoError
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.execute import execute
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.locate import locate
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, INTERRUPTED, QUEUED, RUNNING, Journal
from zenrepo.runs.processes.lease import FRESH
from zenrepo.runs.tables import schema

FIRST_FORMAT = """
create table runs (number integer primary key autoincrement, pipeline text not null, "commit" text not null, root text,
    reason text, cache integer, state text not null, message text, queued float not null, started float, ended float);
create table uses (run integer not null, type text not null, code_digest text not null);
insert into runs values (7, 'tea', 'cc', '/r', 'asked for', 0, 'failed', 'no luck', 1.5, 2.5, 3.5);
insert into runs values (8, 'tea', 'dd', '/r', 'its file changed', 1, 'queued', '', 4.5, null, null);
insert into uses values (7, 'steps.a.A', 'ee');
pragma user_version = 1;
"""
TAKE_ALL = """
import sys
from zenrepo.runs.journal import Journal
with Journal(sys.argv[1]) as journal:
    print("ready", flush=True)
    sys.stdin.readline()
    while run := journal.take():
        print(run.number)
"""
PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {on: [manual]}
steps:
  one: {type: steps.own.One}
"""
STEP = """\
from zenrepo.steps import CustomStep
class One(CustomStep):
    pass
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may stand."""
    return tmp_path / "zenml" / "runs.db"


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository with a first commit, and a second one with a pipeline."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    repository.commit({".zenml/pipelines/p.yaml": PIPELINE, "steps/own.py": STEP})
    return repository


def change(path: Path, sql: str) -> None:
    """Change a journal behind its back."""
    with sqlite3.connect(path) as database:
        database.execute(sql)
    database.close()


def test_two_workers_never_take_one_run(path: Path) -> None:
    """A hundred runs that are queued in a moment are taken in their order, each by one of two processes."""
    with Journal(path) as journal:
        queued = [journal.add(f"tea{n}", f"{n:040x}", path.parent, "asked for").number for n in range(100)]
    command = [sys.executable, "-c", TAKE_ALL, str(path)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"

    taken = [[int(line) for line in worker.communicate("\n")[0].split()] for worker in workers]

    assert sorted([*taken[0], *taken[1]]) == queued == list(range(1, 101))
    assert all(numbers == sorted(numbers) for numbers in taken)


def test_a_clock_that_goes_back_changes_no_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are ordered by their numbers, and none ends before it began."""
    with Journal(path) as journal:
        for hours in (0, -5, -10):
            now = time.time() + hours * 3600
            monkeypatch.setattr(time, "time", lambda now=now: now)
            journal.add(f"tea{hours}", "c" * 40, path.parent, "its file changed")

        assert [run.number for run in journal.runs()] == [3, 2, 1]
        assert [journal.take().number for _ in range(3)] == [1, 2, 3]  # type: ignore[union-attr]  # they are queued
        journal.end(1, COMPLETE)
        ended = journal.run(1)
        assert ended.queued <= (ended.started or 0) <= (ended.ended or 0)


def test_a_journal_of_the_first_format_is_kept_whole(path: Path) -> None:
    """Its runs stay as they are, those that wait run, and numbers go on."""
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.executescript(FIRST_FORMAT)
    database.close()

    with Journal(path) as journal:
        failed = journal.run(7)
        assert failed[1:11] == ("tea", "cc", "/r", "asked for", False, "failed", "no luck", 1.5, 2.5, 3.5)
        assert journal.users() == {("steps.a.A", "ee"): [("tea", 7)]}
        taken = journal.take()
        assert taken is not None
        assert (taken.number, taken.root, taken.state) == (8, "/r", RUNNING)
        assert journal.add("tea", "ff", "/r", "asked for").number == 9
    with Journal(path) as journal:
        assert [run.number for run in journal.runs()] == [9, 8, 7]


def test_a_migration_that_fails_leaves_the_journal_as_it_was(path: Path) -> None:
    """What an earlier release wrote, it can read."""
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.executescript(FIRST_FORMAT)
        database.execute("create table leases (something)")
    database.close()
    before = path.read_bytes()

    with pytest.raises(sqlite3.OperationalError, match="leases already exists"):
        schema.migrate(path, 3)

    assert path.read_bytes() == before


def test_a_journal_of_a_later_release_is_refused(path: Path) -> None:
    """And not touched."""
    Journal(path).close()
    change(path, "pragma user_version = 4")

    with pytest.raises(ZenrepoError, match="a journal of format 4, and this release knows 3\nhint: upgrade"):
        Journal(path)


@pytest.mark.parametrize(
    "died",
    [
        "update leases set born = born || '0'",
        "update leases set boot = 'an earlier start'",
        f"update leases set host = 'elsewhere', heartbeat = heartbeat - {FRESH + 1}",
        f"update leases set host = 'elsewhere', heartbeat = heartbeat + {FRESH + 60}",
    ],
    ids=["its number is another process's", "the machine restarted", "no heartbeat", "the clock went back"],
)
def test_a_worker_that_died_is_noticed(path: Path, died: str) -> None:
    """Its run is interrupted, and says how to go on."""
    with Journal(path) as journal:
        journal.add("tea", "c" * 40, path.parent, "asked for")
        journal.take()
        journal.interrupt_dead()
        assert journal.run(1).state == RUNNING

        change(path, died)
        journal.interrupt_dead()

        assert journal.run(1).state == INTERRUPTED
        assert journal.run(1).message == (
            "its worker died\nhint: 'zenrepo runs resume 1' goes on with what is complete"
        )
        assert [lease.run for lease in journal.left_open()] == [1]


def test_a_worker_of_another_machine_holds_its_run_while_its_heart_beats(path: Path) -> None:
    """Even against whoever holds the lock of this machine."""
    with Journal(path) as journal:
        journal.add("tea", "c" * 40, path.parent, "asked for")
        journal.take()
        change(path, "update leases set host = 'elsewhere', boot = 'another start'")

        journal.interrupt_dead()
        journal.interrupt_running()

        assert journal.run(1).state == RUNNING


def test_a_worker_of_another_container_holds_its_run_unless_the_lock_is_free(path: Path) -> None:
    """Its number tells nothing here, where another process may have it; the lock is the kernel's, which both share."""
    with Journal(path) as journal:
        journal.add("tea", "c" * 40, path.parent, "asked for")
        journal.take()
        change(path, "update leases set host = 'container', born = born || '0'")

        journal.interrupt_dead()
        assert journal.run(1).state == RUNNING
        journal.interrupt_running()

        assert journal.run(1).state == INTERRUPTED


def test_a_queued_run_that_is_canceled_is_never_taken(path: Path) -> None:
    """The one behind it is; a run that has ended cannot be canceled."""
    with Journal(path) as journal:
        for _ in range(2):
            journal.add("tea", "c" * 40, path.parent, "asked for")

        assert journal.cancel(1).state == CANCELED
        taken = journal.take()

        assert taken is not None
        assert taken.number == 2
        with pytest.raises(UsageError, match="run 1 of 'tea' has ended: it is canceled"):
            journal.cancel(1)


def test_an_end_is_said_once(path: Path) -> None:
    """A worker that was taken for dead does not change what stands there."""
    with Journal(path) as journal:
        journal.add("tea", "c" * 40, path.parent, "asked for")
        journal.take()
        change(path, "update leases set boot = ''")
        journal.interrupt_dead()

        journal.end(1, COMPLETE)

        assert journal.run(1).state == INTERRUPTED


def test_a_queued_run_survives_a_rebase_and_gc(project: GitRepository) -> None:
    """A private ref keeps its commit, until the run has ended."""
    layout = locate(project.path)
    commit = project.git("rev-parse", "HEAD").strip()
    with Journal(layout.runs_db) as journal:
        run = journal.add("p", commit, layout.root, "asked for")
        project.git("reset", "--quiet", "--hard", "HEAD~")
        project.git("reflog", "expire", "--expire=now", "--all")
        project.git("gc", "--quiet", "--prune=now")

        plan = resolve(layout, run)
        assert plan.commit == commit
        assert [step.type for step in plan.steps] == ["steps.own.One"]
        journal.cancel(run.number)

    assert "refs/zenrepo" not in project.git("for-each-ref")


def test_a_ref_of_a_run_that_has_ended_goes_with_the_next_worker(project: GitRepository) -> None:
    """Those of runs that wait stay."""
    layout = locate(project.path)
    commit = project.git("rev-parse", "HEAD").strip()
    with Journal(layout.runs_db) as journal:
        journal.add("p", commit, layout.root, "asked for")
        project.git("update-ref", "refs/zenrepo/runs/99", commit)

        journal.let_go_of_ended()

    assert project.git("for-each-ref", "--format=%(refname)", "refs/zenrepo").split() == ["refs/zenrepo/runs/1"]


def test_a_repository_that_moved_runs_what_it_had_queued(project: GitRepository) -> None:
    """The working tree that asked is found at its new place."""
    layout = locate(project.path)
    with Journal(layout.runs_db) as journal:
        journal.add("p", project.git("rev-parse", "HEAD").strip(), layout.root, "asked for")
    moved = project.path.with_name("moved")
    shutil.move(project.path, moved)

    layout = locate(moved)
    with Journal(layout.runs_db) as journal:
        run = journal.take()

        assert run is not None
        assert run.root == str(moved)
        plan = resolve(layout._replace(folder=run.root), run)
    assert plan.repository == str(moved)
    assert Path(plan.checkout).is_relative_to(moved)


def test_a_run_whose_working_tree_was_removed_fails_and_says_so(project: GitRepository, tmp_path: Path) -> None:
    """Its settings and relative places are gone with it."""
    linked, here = tmp_path / "linked", locate(project.path)
    project.git("worktree", "add", "--quiet", str(linked))
    layout = locate(linked)
    with Journal(layout.runs_db) as journal:
        journal.add("p", project.git("rev-parse", "HEAD"), layout.root, "asked for")
        project.git("worktree", "remove", "--force", str(linked))
        run = journal.take()
        assert run is not None

        with Crew(here) as crew:
            execute(here._replace(folder=run.root), journal, run, crew)

        assert journal.run(1).state == FAILED
        assert journal.run(1).message.startswith(f"the working tree '{linked}', which asked for the run, is gone")


def test_runs_that_wait_and_run_are_found_by_their_state(path: Path) -> None:
    """Newest first."""
    with Journal(path) as journal:
        for _ in range(3):
            journal.add("tea", "c" * 40, path.parent, "asked for")
        journal.take()

        assert [run.number for run in journal.runs(state=QUEUED)] == [3, 2]
        assert [run.number for run in journal.runs("tea", 1, RUNNING)] == [1]
        assert journal.runs("coffee", state=QUEUED) == []
