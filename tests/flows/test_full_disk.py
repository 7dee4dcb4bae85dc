"""A disk that is full, or read-only: what is wrong is said, what was written stays whole, and git goes on."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import Unwritable, unwritable
from zenrepo.flows import lookup
from zenrepo.git import hooks
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal

PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {on: [commit]}
steps:
  one: {type: steps.own.One}
"""
STEP = "from zenrepo.steps import CustomStep\nclass One(CustomStep):\n    value = {}\n"


def can_mount() -> bool:
    """Say whether this user may mount file systems of their own."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(unshare) and subprocess.run(command, capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(not can_mount(), reason="only root can mount a small or read-only disk")


@pytest.fixture
def project(repository: GitRepository) -> Iterator[GitRepository]:
    """A repository with a pipeline that each commit runs, and hooks; nobody starts a worker."""
    repository.commit(
        {".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/p.yaml": PIPELINE, "steps/own.py": STEP.format(0)}
    )
    repository.trust()
    layout = locate(repository.path)
    lookup.versions(layout)
    hooks.install(layout, sys.executable)
    return repository


@pytest.fixture
def layout(project: GitRepository) -> Layout:
    """Where the project keeps things."""
    return locate(project.path)


def on(mount: str, project: GitRepository, *commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands of a shell where something is mounted that nobody else sees."""
    zenrepo = f'zenrepo() {{ "{sys.executable}" -m zenrepo.cli "$@"; }}'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join([mount, zenrepo, *commands])],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=False,
    )


READ_ONLY = "mount --bind .git/zenml .git/zenml && mount -o remount,bind,ro .git/zenml"
FULL = """\
mkdir ../disk && mount -t tmpfs -o size=2m none ../disk && cp -a .git/zenml/. ../disk/
mount --bind ../disk .git/zenml
dd if=/dev/zero of=.git/zenml/rest bs=4096 2>/dev/null; sync
"""
KEEP = "rm -f .git/zenml/rest; cp -a .git/zenml ../kept"


@mounts
def test_a_commit_goes_on_where_the_clones_folder_is_read_only(project: GitRepository) -> None:
    """One error says why nothing was queued; look-ups answer, and a run says what it needs."""
    project.write("steps/own.py", STEP.format(1))

    done = on(
        READ_ONLY,
        project,
        "git commit --quiet --all --message one; echo committed: $?",
        "zenrepo steps; echo steps: $?",
        "zenrepo status; echo status: $?",
        "zenrepo runs; echo runs: $?",
        "zenrepo run p; echo run: $?",
    )

    folder = project.path / ".git/zenml"
    assert "committed: 0" in done.stdout
    assert f"zenrepo: post-commit hook: '{folder}" in done.stderr
    assert "cannot be written: its file system is read-only" in done.stderr
    assert "steps.own.One  custom  2 " in done.stdout  # the new version counts
    assert all(f"{name}: 0" in done.stdout for name in ("steps", "status", "runs"))
    assert "run: 1" in done.stdout
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr


@mounts
def test_a_full_disk_breaks_no_commit_and_no_journal(project: GitRepository, layout: Layout) -> None:
    """The hook says which; what was there is whole, and the next commit with room queues what it runs."""
    with Journal(layout.runs_db) as journal:
        journal.add("p", project.git("rev-parse", "HEAD"), layout.root, "asked for")
    project.write("steps/own.py", STEP.format(1))

    done = on(
        FULL,
        project,
        "git commit --quiet --all --message one; echo committed: $?",
        "zenrepo steps; echo steps: $?",
        "zenrepo run p --detach; echo run: $?",
        KEEP,
    )

    assert "committed: 0" in done.stdout, done
    assert f"zenrepo: post-commit hook: no space left on '{project.path}/.git/zenml" in done.stderr
    assert "steps: 0" in done.stdout
    assert "steps.own.One  custom  2 " in done.stdout
    assert "run: 1" in done.stdout
    assert "error: no space left on" in done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    shutil.rmtree(layout.private)
    (project.path.parent / "kept").rename(layout.private)
    with Journal(layout.runs_db) as journal:
        journal.check()
        assert [run.number for run in journal.runs()] == [1]


def limited(size: int, code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python where no file may become larger than some bytes."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        check=False,
    )


QUEUE = """\
import sys
from zenrepo.errors import Unwritable
from zenrepo.runs.journal import Journal
with Journal(sys.argv[1]) as journal:
    try:
        while True:
            print(journal.add("tea", "c" * 40, "/r", "asked for").number, flush=True)
    except Unwritable as error:
        print(error, file=sys.stderr)
    print(len(journal.runs()))
"""


def test_a_run_that_was_queued_outlives_the_end_of_the_disk(tmp_path: Path) -> None:
    """Every number that was told stands in the journal, and no other."""
    path = tmp_path / "zenml" / "runs.db"
    Journal(path).close()

    done = limited(300_000, QUEUE, path)

    *told, counted = map(int, done.stdout.split())
    assert done.stderr.startswith(f"'{path}' cannot be written: ")
    with Journal(path) as journal:
        journal.check()
        assert [run.number for run in journal.runs()][::-1] == told == list(range(1, counted + 1))
        assert journal.add("tea", "c" * 40, "/r", "asked for").number > counted


def test_a_single_file_on_a_full_disk_is_named(tmp_path: Path) -> None:
    """``/dev/full`` is one that is always full."""
    with pytest.raises(OSError) as caught, open("/dev/full", "w") as file:  # noqa: PTH123, PT011  (its kind is asked)
        file.write("x")

    known = unwritable(caught.value, "/dev/full")
    assert isinstance(known, Unwritable)
    assert known.message == "no space left on '/dev/full'"


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only for root")
def test_a_journal_that_this_user_may_not_write_answers(layout: Layout) -> None:
    """From memory; what would change it is refused."""
    with Journal(layout.runs_db) as journal:
        journal.add("p", "c" * 40, layout.root, "asked for")
    layout.private.chmod(0o500)
    try:
        with Journal(layout.runs_db) as journal:
            assert [run.number for run in journal.runs()] == [1]
            with pytest.raises(Unwritable, match="permission denied"):
                journal.add("p", "c" * 40, layout.root, "asked for")
    finally:
        layout.private.chmod(0o700)


FILLS = """\
from pathlib import Path
from zenrepo.steps import CustomStep
class One(CustomStep):
    def run(self, examples, output):
        with Path(output["train"], "all").open("wb") as file:
            while True:
                file.write(bytes(100_000))
"""
SMALL = "mkdir ../disk && mount -t tmpfs -o size=8m none ../disk && mount --bind ../disk .git/zenml"


@mounts
@pytest.mark.heavy
def test_a_step_that_fills_the_disk_fails_and_makes_room(project: GitRepository, layout: Layout) -> None:
    """Its half-written output goes, and the journal and ML Metadata can be written again."""
    project.git("config", "core.hooksPath", "/dev/null")
    project.commit({"steps/own.py": FILLS})

    done = on(
        SMALL, project, "zenrepo run p; echo run: $?", "zenrepo run p >/dev/null 2>&1; echo again: $?", "zenrepo runs"
    )

    assert "run: 6\n" in done.stdout
    assert "no space left on" in done.stderr.lower()
    assert "again: 6\n" in done.stdout
    assert done.stdout.count("failed") >= 2
