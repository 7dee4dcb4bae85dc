"""A commit queues the pipelines that it affects, and no other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from filelock import FileLock

from tests.conftest import GitRepository
from zenrepo.flows.intake.ingest import ingest, ingest_merge
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
    repository.trust()
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


@pytest.mark.parametrize(
    ("path", "file", "runs"),
    [
        ('"data/*.csv"', "data/new.csv", True),
        ('"data/**/*.csv"', "data/deep/er/new.csv", True),
        ('"data/*"', "data/deep/new.csv", True),
        ('"data/*.csv"', "data/new.txt", False),
        ('"data/*.csv"', "data/deep/new.csv", False),
        ("data//other/../table.csv", "data/table.csv", True),
        ("./data/", "data/new.csv", True),
        (".", "anything.csv", True),
        ("[data/table.csv, more]", "more/new.csv", True),
    ],
)
def test_data_is_found_by_whatever_a_path_may_be(project: GitRepository, path: str, file: str, runs: bool) -> None:
    """Folders, globs, lists, and roundabout ways, as data steps take them."""
    text = PIPELINE.format(event="commit", branches="[]").replace("path: data/table.csv", f"path: {path}")
    project.commit({".zenml/pipelines/p.yaml": text.replace("label: a", "label: .")})
    ingest(locate(project.path))
    project.commit({file: "a\n3\n"})

    assert bool(reasons(project)) == runs


def test_a_link_that_leads_elsewhere_is_a_change(project: GitRepository) -> None:
    """Its path stands in front of what is read through it."""
    text = PIPELINE.format(event="commit", branches="[]").replace("data/table.csv", "now/table.csv")
    (project.path / "now").symlink_to("data")
    project.git("add", "now")
    project.commit({".zenml/pipelines/p.yaml": text, "later/table.csv": "a\n4\n"})
    ingest(locate(project.path))
    (project.path / "now").unlink()
    (project.path / "now").symlink_to("later")
    project.git("commit", "--quiet", "--all", "--message", "later")

    assert reasons(project) == ["now/table.csv changed"]


@pytest.mark.parametrize("place", [".zenml/pipelines/old", ".zenml/pipelines.bak", ".zenml/pipelines/old/er"])
def test_only_files_in_the_folder_itself_are_pipelines(project: GitRepository, place: str) -> None:
    """One that was put aside runs nothing, neither under its name nor under that of another."""
    aside = PIPELINE.format(event="commit", branches="[]")
    project.commit(
        {
            ".zenml/pipelines/p.yaml": PIPELINE.format(event="manual", branches="[]"),
            f"{place}/p.yaml": aside,
            f"{place}/q.yaml": aside.replace("name: p", "name: q"),
        }
    )
    ingest(locate(project.path))
    project.commit({"data/table.csv": "a\n5\n"})
    came = ingest(locate(project.path))

    assert (came.runs, came.broken) == ([], [])


@pytest.mark.parametrize("branch", ["größe", "茶/one"])
def test_a_branch_has_any_name(project: GitRepository, branch: str) -> None:
    """In the working tree itself, and in one that is linked to it."""
    layout = locate(project.path)
    hooks.install(layout, sys.executable)
    project.git("worktree", "add", "--quiet", "-b", f"{branch}-linked", "../linked")
    project.git("checkout", "--quiet", "-b", branch)
    project.write("data/table.csv", "a\n6\n")
    with FileLock(layout.worker_lock):
        done = project.attempt("commit", "--quiet", "--all", "--message", "more")

    assert "queued run 1 of 'p'" in done.stderr


def test_a_commit_while_patches_wait_is_a_commit(project: GitRepository) -> None:
    """``git am`` that has stopped looks to git like a rebase, whose commits run nothing."""
    layout = locate(project.path)
    hooks.install(layout, sys.executable)
    project.commit({"README.md": "one\n"})
    patch = project.git("format-patch", "--stdout", "-1")
    project.commit({"README.md": "another\n"})
    project.write("more.patch", patch + "\n")
    with FileLock(layout.worker_lock):
        stopped = project.attempt("am", "more.patch")
        project.write("data/table.csv", "a\n8\n")
        done = project.attempt("commit", "--quiet", "--message", "mine", "--", "data/table.csv")

    assert stopped.returncode != 0
    assert "queued run 1 of 'p'" in done.stderr


def test_a_name_that_is_no_text_is_a_reason_all_the_same(project: GitRepository) -> None:
    """Nothing is lost for it."""
    text = PIPELINE.format(event="commit", branches="[]").replace("on: [commit]", "on: [commit]\n  paths: [odd/**]")
    project.commit({".zenml/pipelines/p.yaml": text, "odd/caf\udce9.csv": "a\n7\n"})

    assert reasons(project) == ["odd/caf\\udce9.csv changed"]


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
    ("paths", "files", "expected"),
    [
        (["conf/**"], {"conf/deep/x.yaml": "1"}, ["conf/deep/x.yaml changed"]),
        (["conf/"], {"conf/deep/x.yaml": "1"}, ["conf/deep/x.yaml changed"]),
        (["conf/*"], {"conf/deep/x.yaml": "1"}, []),
        (["conf/**"], {"lib/shape.py": "def width(): return 2\n"}, []),
        (["**/*.py", "!lib/other.py"], {"lib/other.py": "X = 1\n"}, []),
        (["**/*.py", "!lib/other.py"], {"lib/shape.py": "# comment"}, ["lib/shape.py changed"]),
        (["!docs/**"], {"docs/a.md": "1"}, []),
        (["!docs/**"], {"README.md": "1", "docs/a.md": "1"}, ["README.md changed"]),
        (["lib/other.py"], {"lib/other.py": None}, ["lib/other.py changed"]),
    ],
)
@pytest.mark.parametrize("folder", ["", "projects/[x]/"])
def test_paths_of_a_trigger_decide_alone(
    repository: GitRepository, paths: list[str], files: dict[str, str | None], expected: list[str], folder: str
) -> None:
    """With globs of files, a commit that touches one of them runs the pipeline, and no other does."""
    trigger = f"branches: [main]\n  paths: {json.dumps(paths)}"
    text = PIPELINE.format(event="commit", branches="[]").replace("branches: []", trigger)
    before = {
        ".zenml/config.yaml": "version: 1\n",
        ".zenml/pipelines/p.yaml": text,
        "lib/shape.py": "",
        "lib/other.py": "",
    }
    before |= {"steps/net.py": "from zenrepo.steps import TrainerStep\nclass Net(TrainerStep):\n    pass\n"}
    repository.commit({folder + name: content for name, content in before.items()} | {"conf/x.yaml": "1"})
    repository.commit({folder + name: content for name, content in files.items()})
    if folder:
        projects = repository.path / ".git" / "zenml" / "projects"
        (projects / folder.rstrip("/").replace("/", "%2F")).mkdir(parents=True)
    repository.trust(folder)

    assert [run.reason for run in ingest(locate(repository.path / folder)).runs] == expected


def test_the_first_commit_can_match_paths(repository: GitRepository) -> None:
    """There is nothing before it, so that every file of it is new."""
    text = PIPELINE.format(event="commit", branches="[]").replace("branches: []", "paths: [conf/**]")
    step = "from zenrepo.steps import TrainerStep\nclass Net(TrainerStep):\n    pass\n"
    repository.commit({".zenml/pipelines/p.yaml": text, "steps/net.py": step, "conf/x.yaml": "1"})
    repository.trust()

    assert reasons(repository) == ["conf/x.yaml changed"]


@pytest.mark.parametrize("message", ["two [skip zenrepo]", "two\n\nmore\n[Zenrepo Skip]"])
def test_a_message_can_ask_for_no_run(project: GitRepository, message: str) -> None:
    """The commit is in the index with its step versions, and no run is queued."""
    project.commit({"lib/shape.py": "def width(): return 2\n"}, message)
    ingested = ingest(locate(project.path))

    assert [row.type for row in ingested.versions] == ["steps.net.Net"]
    assert ingested.runs == []
    assert ingested.skipped == ["p"]


def test_a_run_that_has_ended_is_not_said_to_be_queued(project: GitRepository) -> None:
    """A commit is taken in once; a process that does so again, for whichever reason, queues nothing."""
    layout = locate(project.path)
    project.commit({"data/table.csv": "a\n9\n"})
    [run] = ingest(layout).runs
    again = ingest(layout).runs
    with Journal(layout.runs_db) as journal:
        journal.cancel(run.number)

    assert again == [run]
    assert ingest(layout).runs == []


def test_a_message_that_asks_for_no_run_of_nothing_is_no_news(project: GitRepository) -> None:
    """Where the commit would run nothing anyway, nothing was skipped."""
    project.commit({"README.md": "text"}, "two [skip zenrepo]")

    assert not ingest(locate(project.path)).skipped


def merging(project: GitRepository, event: str, *options: str) -> list[str]:
    """Merge a branch that changes a helper into one whose pipeline waits for an event, and give why runs are queued."""
    project.commit({".zenml/pipelines/p.yaml": PIPELINE.format(event=event, branches="[]")})
    project.trust(merges=True)
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit({"lib/shape.py": "def width(): return 2\n"})
    project.commit({"README.md": "text"})
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", *options, "topic")
    return [run.reason for run in ingest_merge(locate(project.path)).runs]


@pytest.mark.parametrize("options", [["--ff-only"], ["--no-ff", "--message", "merge"]])
def test_a_merge_runs_what_it_affects_where_that_is_asked_for(project: GitRepository, options: list[str]) -> None:
    """All that came with it is one change, whether it made a commit or only moved the branch."""
    assert merging(project, "merge", *options) == ["steps.net.Net changed"]


def test_a_merge_is_no_commit(project: GitRepository) -> None:
    """Without the event, what others committed runs nothing here."""
    assert merging(project, "commit", "--no-ff", "--message", "merge") == []


def test_what_is_merged_in_cannot_switch_itself_on(project: GitRepository) -> None:
    """A branch of somebody else that says 'merge' runs nothing when it is merged, though merges may run."""
    project.trust(merges=True)
    project.git("checkout", "--quiet", "-b", "topic")
    files = {".zenml/pipelines/p.yaml": PIPELINE.format(event="merge", branches="[]"), "lib/shape.py": "X = 1\n"}
    project.commit(files)
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "topic")

    assert ingest_merge(locate(project.path)).runs == []


def test_a_merge_with_conflicts_is_a_merge(project: GitRepository) -> None:
    """Though git calls another hook for the commit that ends it."""
    project.commit({".zenml/pipelines/p.yaml": PIPELINE.format(event="merge", branches="[]")})
    project.trust(merges=True)
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit({"lib/shape.py": "def width(): return 2\n"})
    project.git("checkout", "--quiet", "main")
    project.commit({"lib/shape.py": "def width(): return 3\n"})
    assert project.attempt("merge", "topic").returncode == 1
    project.commit({"lib/shape.py": "def width(): return 4\n"}, "merge")

    assert reasons(project) == ["steps.net.Net changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["merge", "--quiet", "topic"], "queued run 1 of 'p' (steps.net.Net changed)"),
        (["merge", "--quiet", "--squash", "topic"], ""),
        (["merge", "--quiet", "--no-ff", "--message", "x [skip zenrepo]", "topic"], "the message says [skip zenrepo]"),
    ],
)
def test_the_hook_of_a_merge_says_what_it_did(project: GitRepository, arguments: list[str], said: str) -> None:
    """``git merge`` prints what was queued, or why nothing was; a squash has made no commit yet."""
    project.commit({".zenml/pipelines/p.yaml": PIPELINE.format(event="merge", branches="[]")})
    project.trust(merges=True)
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit({"lib/shape.py": "def width(): return 2\n"})
    project.git("checkout", "--quiet", "main")
    layout = locate(project.path)
    hooks.install(layout, sys.executable)
    layout.private.mkdir(exist_ok=True)
    with FileLock(layout.worker_lock):  # no worker takes the run while we look
        stderr = project.attempt(*arguments).stderr
        with Journal(layout.runs_db) as journal:
            for run in journal.runs():
                journal.end(run.number, "failed", "not executed in this test")

    assert said in stderr
    assert ("zenrepo:" in stderr) == bool(said)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("type: steps.net.Net", "type: steps.net.Nat", "p.yaml:16: unknown step type 'steps.net.Nat'"),
        ("branches: []", "paths: [/etc/**]", "p.yaml:5: '/etc/**' matches no file of the repository"),
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
    shutil.rmtree(layout.private)
    layout.private.write_text("a file where a folder should be")
    project.write("lib/shape.py", "def width(): return 2\n")
    done = project.attempt("commit", "--quiet", "--all", "--message", "two")

    assert done.returncode == 0
    assert "zenrepo: post-commit hook" in done.stderr
    assert project.git("log", "-1", "--format=%s") == "two"


@pytest.mark.imports
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
        "platformdirs",
        "zenrepo.trust",
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
    assert len(loaded) <= 112
