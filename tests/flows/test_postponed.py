"""While another process writes the index, a hook waits for a moment only, and what it could not do is not lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import GitRepository
from zenrepo.errors import Locked
from zenrepo.flows import lookup
from zenrepo.flows.answers.troubles import troubles
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.intake.postponed import postpone, postponed, settle
from zenrepo.flows.intake.unrun import unrun
from zenrepo.git import hooks
from zenrepo.git.locate import locate
from zenrepo.index.store import Index
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal

WRITER = """\
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin immediate")
print("writing", flush=True)
sys.stdin.read()
"""
PIPELINE = """\
version: 1
name: p
trigger:
  on: [commit]
  branches: [main]
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {path: data/table.csv}
  split:
    type: zenrepo.steps.RandomSplit
  preprocess:
    type: zenrepo.steps.StandardPreprocess
    args: {label: a}
  trainer:
    type: steps.net.Net
"""
STEP = "from zenrepo.steps import TrainerStep\nclass Net(TrainerStep):\n    value = {}\n"


@pytest.fixture
def project(repository: GitRepository) -> Iterator[GitRepository]:
    """A repository with a pipeline, an index, hooks, and no worker that would take what is queued."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\n",
            ".zenml/pipelines/p.yaml": PIPELINE,
            "steps/net.py": STEP.format(1),
            "data/table.csv": "a\n1\n",
        }
    )
    layout = locate(repository.path)
    repository.trust(merges=True)
    lookup.versions(layout)
    hooks.install(layout, sys.executable)
    with FileLock(layout.worker_lock):
        yield repository


@pytest.fixture
def layout(project: GitRepository) -> Layout:
    """Where the project keeps things."""
    return locate(project.path)


@pytest.fixture
def writer(layout: Layout) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the index until its input ends."""
    command = [sys.executable, "-c", WRITER, str(layout.index_db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        yield process


def reasons(layout: Layout) -> list[tuple[str, str]]:
    """Give commit and reason of each run that is queued."""
    with Journal(layout.runs_db) as journal:
        return [(run.commit, run.reason) for run in journal.runs()]


def test_a_trigger_outlives_a_locked_index(
    project: GitRepository, layout: Layout, writer: subprocess.Popen[str]
) -> None:
    """The commit is made, the hook says who looks at it later, and the worker queues its run once."""
    project.write("steps/net.py", STEP.format(2))
    done = project.attempt("commit", "--quiet", "--all", "--message", "two")
    commit = project.git("rev-parse", "HEAD")
    assert done.returncode == 0
    assert "another process writes the index" in done.stderr
    assert [Path(path).name for path in postponed(layout)] == [commit]

    writer.communicate()
    project.git("checkout", "--quiet", "--detach")
    settle(layout)

    assert reasons(layout) == [(commit, "steps.net.Net changed")]
    assert postponed(layout) == []


def test_a_merge_outlives_a_locked_index(project: GitRepository, layout: Layout, writer: subprocess.Popen[str]) -> None:
    """All that it brought is one change, later too."""
    settings = ("-c", "core.hooksPath=/dev/null")
    project.write(".zenml/pipelines/p.yaml", PIPELINE.replace("[commit]", "[merge]"))
    project.git(*settings, "commit", "--quiet", "--all", "--message", "merges")
    project.git("checkout", "--quiet", "-b", "topic")
    project.write("steps/net.py", STEP.format(2))
    project.git(*settings, "commit", "--quiet", "--all", "--message", "two")
    project.git(*settings, "commit", "--quiet", "--allow-empty", "--message", "three")
    project.git("checkout", "--quiet", "main")
    assert "another process writes the index" in project.attempt("merge", "topic").stderr

    writer.communicate()
    project.trust()
    settle(layout)

    assert reasons(layout) == [(project.git("rev-parse", "HEAD"), "steps.net.Net changed")]


def test_a_worker_that_was_killed_queues_nothing_twice(project: GitRepository, layout: Layout) -> None:
    """Between queueing a run and forgetting its commit anything may happen."""
    project.write("steps/net.py", STEP.format(2))
    project.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "--message", "two")
    ingest(layout)
    postpone(layout, project.git("rev-parse", "HEAD"))
    settle(layout)

    assert len(reasons(layout)) == 1


def test_what_a_postponed_commit_may_not_run_is_said(
    project: GitRepository, layout: Layout, writer: subprocess.Popen[str], home: Path
) -> None:
    """With the way to trust, and to the run, until it is queued; nobody was there to hear it from a hook."""
    project.write("steps/net.py", STEP.format(2))
    project.git("commit", "--quiet", "--all", "--message", "two")
    short = project.git("rev-parse", "HEAD")[:7]
    shutil.rmtree(home / "state")
    writer.communicate()
    settle(layout)
    said = list(troubles(layout))
    project.trust()
    still = list(troubles(layout))
    with Journal(layout.runs_db) as journal:
        journal.add("p", project.git("rev-parse", "HEAD"), layout.folder, "asked for")

    assert said == [
        f"commit {short} queued no run: the trigger of 'p' is not trusted on this machine; zenrepo trust; "
        f"then 'zenrepo run p --at {short}'"
    ]
    assert still == said
    assert list(troubles(layout)) == []


def test_what_cannot_be_looked_at_keeps_nothing_else_waiting(project: GitRepository, layout: Layout) -> None:
    """It is said, and what comes after it is queued."""
    project.write("steps/net.py", STEP.format(2))
    project.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "--message", "two")
    postpone(layout, project.git("rev-parse", "HEAD~"), "no commit")
    postpone(layout, project.git("rev-parse", "HEAD"))
    settle(layout)

    assert len(reasons(layout)) == 1
    assert postponed(layout) == []
    assert [(one.commit, one.pipelines) for one in unrun(layout)] == [(project.git("rev-parse", "HEAD~"), [])]


def test_a_postponed_commit_that_was_amended_away_queues_nothing(project: GitRepository, layout: Layout) -> None:
    """The commit that took its place has a hook of its own."""
    postpone(layout, project.git("commit-tree", "HEAD^{tree}", "-m", "gone"))
    settle(layout)

    assert reasons(layout) == []
    assert postponed(layout) == []


def test_a_locked_index_is_an_error_of_its_own(layout: Layout, writer: subprocess.Popen[str]) -> None:
    """It names the file and the way out, and nothing is thrown away."""
    with Index(layout.index_db, patience=0.01) as index, pytest.raises(Locked) as caught:
        index.keep_note("x", "z")

    assert caught.value.exit_code == 7
    assert str(layout.index_db) in caught.value.message
    assert "fuser" in caught.value.hint
