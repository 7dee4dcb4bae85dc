"""Commits whose processes are killed at any moment: git is whole; no run is lost unsaid, or queued twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import GitRepository
from zenrepo.flows import lookup
from zenrepo.flows.answers.troubles import troubles
from zenrepo.flows.intake.postponed import postponed, settle
from zenrepo.git import hooks
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal

FILE = ".zenml/pipelines/p.yaml"
PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {on: [commit]}
steps:
  one: {type: steps.own.One}
"""
UNSEEN = "no hook came to its end with HEAD"
STEP = "from zenrepo.steps import CustomStep\nclass One(CustomStep):\n    value = {}\n"


@pytest.fixture
def project(repository: GitRepository) -> Iterator[GitRepository]:
    """A repository with a pipeline that each commit runs, hooks, and no worker that would take what is queued."""
    repository.commit({".zenml/config.yaml": "version: 1\n", FILE: PIPELINE, "steps/own.py": STEP.format(0)})
    repository.trust()
    layout = locate(repository.path)
    lookup.versions(layout)
    hooks.install(layout, sys.executable)
    with FileLock(layout.worker_lock):
        yield repository


@pytest.fixture
def layout(project: GitRepository) -> Layout:
    """Where the project keeps things."""
    return locate(project.path)


def commit_and_kill(project: GitRepository, value: int, seconds: float | None) -> None:
    """Commit a new version, and kill git and its hook when some time has passed."""
    project.write("steps/own.py", STEP.format(value))
    command = ["git", "commit", "--quiet", "--all", "--message", f"number {value}"]
    with subprocess.Popen(command, cwd=project.path, stderr=subprocess.DEVNULL, start_new_session=True) as git:
        if seconds is not None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):
                os.killpg(git.pid, signal.SIGKILL)


def queued(layout: Layout) -> Counter[str]:
    """Count the runs of each commit."""
    with Journal(layout.runs_db) as journal:
        return Counter(run.commit for run in journal.runs())


def test_a_commit_that_is_killed_loses_no_run_without_a_word(project: GitRepository, layout: Layout) -> None:
    """Its run is queued once, or a hook that began left it to the worker, or the status says that no hook saw it."""
    commit_and_kill(project, 1, None)
    began = time.monotonic()
    commit_and_kill(project, 2, None)
    whole = time.monotonic() - began
    known = {project.git("rev-parse", "HEAD")}
    seen = Counter[str]()

    for number in range(12):
        commit_and_kill(project, 100 + number, whole * 1.2 * number / 12)
        (project.path / ".git/index.lock").unlink(missing_ok=True)  # git's own, and git says so itself
        (project.path / ".git/HEAD.lock").unlink(missing_ok=True)
        (project.path / ".git/refs/heads/main.lock").unlink(missing_ok=True)
        head = project.git("rev-parse", "HEAD")
        if head in known:
            continue
        known.add(head)
        if queued(layout)[head]:
            seen["queued"] += 1
        elif any(Path(path).name == head for path in postponed(layout)):
            seen["left to the worker"] += 1
        else:
            assert any(UNSEEN in text for text in troubles(layout))
            seen["said"] += 1

    assert project.attempt("fsck", "--strict").returncode == 0
    settle(layout)
    assert postponed(layout) == []
    assert set(queued(layout).values()) == {1}, "no commit is queued twice"
    assert sum(queued(layout).values()) == len(known) + 1 - seen["said"]
    assert len(lookup.versions(layout)) == len(known) + 2
    commit_and_kill(project, 3, None)
    assert queued(layout)[project.git("rev-parse", "HEAD")] == 1
    assert not any(UNSEEN in text for text in troubles(layout))


def test_a_hook_that_dies_between_its_note_and_the_queue_is_made_up_for(
    project: GitRepository, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the worker; the branch is the one that HEAD was on."""
    hook = (
        "import os, signal\nfrom zenrepo import hook\nhook.ingest = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    project.write("steps/own.py", STEP.format(1))
    project.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "--message", "one")
    command = [sys.executable, "-c", f"{hook}hook.main(['post-commit'])"]
    done = subprocess.run(command, cwd=project.path, check=False)
    head = project.git("rev-parse", "HEAD")
    assert done.returncode == -signal.SIGKILL
    assert [Path(path).name for path in postponed(layout)] == [head]
    assert queued(layout)[head] == 0

    project.git("checkout", "--quiet", "--detach", "HEAD~")
    settle(layout)

    assert queued(layout)[head] == 1


def test_commits_without_hooks_start_nothing_and_are_said(project: GitRepository, layout: Layout) -> None:
    """A rebase, a pull and a commit with hooks off are nobody's wish for a run; of the last, the status tells."""
    commit_and_kill(project, 1, None)
    project.write("steps/own.py", STEP.format(2))
    project.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "--message", "no hooks")
    assert any(UNSEEN in text for text in troubles(layout))
    before = queued(layout)

    commit_and_kill(project, 3, None)

    assert not any(UNSEEN in text for text in troubles(layout))
    assert sum(queued(layout).values()) == sum(before.values()) + 1
