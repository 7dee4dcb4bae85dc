"""A commit queues the pipelines that it affects, and no other."""

from __future__ import annotations

import subprocess
import sys

import pytest
from filelock import FileLock

from tests.conftest import GitRepository
from zenrepo.flows.ingest import ingest
from zenrepo.git import hooks
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal

STEP = "from zenrepo.steps import TrainerStep\nfrom lib.shape import width\nclass Net(TrainerStep):\n    pass\n"
PIPELINE = """\
version: 1
name: p
trigger:
  on: [{event}]
  branches: {branches}
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {{path: data/table.csv}}
  split:
    type: zenrepo.steps.RandomSplit
  preprocess:
    type: zenrepo.steps.StandardPreprocess
    args: {{label: a}}
  trainer:
    type: steps.net.Net
"""


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository with a pipeline, its step, a helper and data."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\n",
            ".zenml/pipelines/p.yaml": PIPELINE.format(event="commit", branches="[]"),
            "steps/net.py": STEP,
            "lib/shape.py": "def width(): return 1\n",
            "lib/other.py": "",
            "data/table.csv": "a\n1\n",
        },
        "one",
    )
    return repository


def reasons(project: GitRepository) -> list[str]:
    """Ingest HEAD and give why each run was queued."""
    return [run.reason for run in ingest(locate(project.path)).runs]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"lib/shape.py": "def width(): return 2\n"}, ["steps.net.Net changed"]),
        ({"steps/net.py": STEP + "X = 1\n"}, ["steps.net.Net changed"]),
        ({"data/table.csv": "a\n2\n"}, ["data/table.csv changed"]),
        ({".zenml/pipelines/p.yaml": PIPELINE.format(event="commit", branches="[main]")}, ["its file changed"]),
        ({"steps/net.py": STEP + "# comment\n"}, []),
        ({"lib/other.py": "X = 1\n"}, []),
        ({"README.md": "text"}, []),
        ({".zenml/pipelines/p.yaml": PIPELINE.format(event="manual", branches="[]")}, []),
        ({".zenml/pipelines/p.yaml": PIPELINE.format(event="commit", branches="[release/*]")}, []),
        ({}, []),
    ],
)
def test_a_commit_runs_what_it_affects(
    project: GitRepository, files: dict[str, str | bytes | None], expected: list[str]
) -> None:
    """A file of a pipeline, the closure of its steps and its data count; comments and other files do not."""
    project.commit(files, "two")

    assert reasons(project) == expected


def test_the_run_is_of_that_commit(project: GitRepository) -> None:
    """What is queued names the commit, whatever is committed after it."""
    [run] = ingest(locate(project.path)).runs
    first = project.git("rev-parse", "HEAD")
    project.commit({"lib/other.py": "later"}, "later")

    assert run.commit == first
    assert run.state == "queued"


def test_a_broken_pipeline_file_hides_no_other(project: GitRepository) -> None:
    """It is named with its line, and the other pipelines are queued."""
    broken = PIPELINE.format(event="commit", branches="[]").replace("name: p", "name: q\nstep: 1")
    project.commit({".zenml/pipelines/q.yaml": broken, "lib/shape.py": "def width(): return 2\n"}, "two")
    ingested = ingest(locate(project.path))

    assert [run.pipeline for run in ingested.runs] == ["p"]
    [error] = ingested.broken
    assert "q.yaml:3: unknown key 'step'" in error.message
    assert "did you mean 'steps'?" in error.hint


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("type: steps.net.Net", "type: steps.net.Nat", "p.yaml:16: unknown step type 'steps.net.Nat'"),
        ("args: {label: a}", "args: {lable: a}", "p.yaml:14: step 'preprocess' takes no argument 'lable'"),
        ("  split:\n    type: zenrepo.steps.RandomSplit\n", "", "p.yaml:6: the pipeline has no split step"),
    ],
)
def test_a_pipeline_that_cannot_run_is_refused_at_the_commit(
    project: GitRepository, old: str, new: str, message: str
) -> None:
    """Nothing is queued that would only fail later; the file and the line are named."""
    text = PIPELINE.format(event="commit", branches="[]")
    assert old in text
    project.commit({".zenml/pipelines/p.yaml": text.replace(old, new)}, "two")
    ingested = ingest(locate(project.path))

    assert ingested.runs == []
    assert message in ingested.broken[0].message


def test_the_hook_says_in_a_line_what_it_did(project: GitRepository) -> None:
    """``git commit`` prints what is new and what was queued, and how to follow it."""
    layout = locate(project.path)
    hooks.install(layout, sys.executable)
    with FileLock(layout.worker_lock):  # no worker takes the run while we look
        project.write("lib/shape.py", "def width(): return 2\n")
        done = project.attempt("commit", "--quiet", "--all", "--message", "two")
        with Journal(layout.runs_db) as journal:
            [run] = journal.runs()
            journal.end(run.number, "failed", "not executed in this test")

    assert done.returncode == 0
    assert done.stderr == (
        "zenrepo: new version of steps.net.Net; queued run 1 of 'p' (steps.net.Net changed); zenrepo runs 1 --follow\n"
    )


def test_a_failing_hook_never_fails_the_commit(project: GitRepository) -> None:
    """Where nothing can be written, the commit is made and the trouble is said."""
    layout = locate(project.path)
    hooks.install(layout, sys.executable)
    layout.private.write_text("a file where a folder should be")
    project.write("lib/shape.py", "def width(): return 2\n")
    done = project.attempt("commit", "--quiet", "--all", "--message", "two")

    assert done.returncode == 0
    assert "zenrepo: post-commit hook" in done.stderr
    assert project.git("log", "-1", "--format=%s") == "two"


def test_the_hook_imports_nothing_heavy(project: GitRepository) -> None:
    """A hook that reads a new version loads neither the libraries nor what is costly in the standard library."""
    libraries = {
        "tensorflow",
        "tfx",
        "apache_beam",
        "ml_metadata",
        "numpy",
        "pandas",
        "typer",
        "rich",
        "dulwich",
        "yaml",
    }
    costly = {
        "sqlite_utils",
        "filelock",
        "msgspec",
        "typing",
        "json",
        "pathlib",
        "subprocess",
        "dataclasses",
        "logging",
        "ast",
        "hashlib",
    }
    script = (
        f"import sys; sys.path += {sys.path!r}; import zenrepo.hook\n"
        "zenrepo.hook.main(['post-commit'])\n"
        "print(' '.join(sorted(sys.modules)))\n"
    )
    ingest(locate(project.path))
    project.commit({"lib/other.py": "X = 2\n", "steps/other.py": STEP.replace("Net", "Other")})
    command = [sys.executable, "-I", "-S", "-c", script]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "zenrepo.sources.read" in loaded
    assert not loaded & (libraries | costly)
    assert len(loaded) <= 110
