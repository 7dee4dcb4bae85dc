"""An example is a repository that is ready to be worked in, whatever is installed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, Page
from zenrepo.errors import UnknownName, UsageError, ZenrepoError
from zenrepo.examples import EXAMPLES, Expected, Outcome, missing, pull
from zenrepo.examples.catalogue import MODULES
from zenrepo.examples.pull import REPOSITORIES
from zenrepo.examples.run import refuse_missing
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.planning.listing import listing
from zenrepo.git import hooks
from zenrepo.git.locate import locate

NAMES = list(EXAMPLES)


def git(folder: Path, *arguments: str) -> str:
    """Ask git."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def zenrepo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "zenrepo.cli", "example", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_pulled_example_is_committed_and_waits_for_its_data(name: str, tmp_path: Path) -> None:
    """All files are in one commit, the hooks are in place, and no pipeline has been queued."""
    folder = pull(name, tmp_path / "mine")
    layout = locate(folder)

    assert git(folder, "status", "--short") == ""
    assert git(folder, "rev-list", "--count", "HEAD") == "1\n"
    assert {"README.md", "make_data.py", ".gitignore", ".zenml/config.yaml"} <= {*git(folder, "ls-files").splitlines()}
    assert all(hook.installed for hook in hooks.status(layout))
    assert not Path(layout.runs_db).exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_pipelines_of_an_example_fit_their_steps(name: str, tmp_path: Path) -> None:
    """Every file is read, its steps are there and take the arguments that they are given; the kinds are as listed."""
    layout = locate(pull(name, tmp_path / "mine"))
    found = listing(layout)
    ingested = ingest(layout)

    assert [str(error) for error in (*found.broken.values(), *ingested.broken)] == []
    assert sorted(pipeline.kind for pipeline in found.files.values()) == sorted(EXAMPLES[name].kinds)
    assert EXAMPLES[name].pipeline in found.files


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_says_what_is_typed(name: str) -> None:
    """The commands in an example's README are those that ``run`` types, and its files are there."""
    readme = (REPOSITORIES / name / "README.md").read_text(encoding="utf-8")
    typed = [shlex.split(line) for line in re.findall(r"^\$ (.*)$", readme, re.MULTILINE)]
    files: list[str] = re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE)

    assert typed == [shlex.split(line) for line in EXAMPLES[name].commands]
    assert "make_data.py" in files
    assert all((REPOSITORIES / name / file).is_file() for file in files)
    assert "**Known:**" in readme


@pytest.mark.parametrize("name", NAMES)
def test_an_example_compiles(name: str) -> None:
    """Its Python files are Python, of the oldest release that zenrepo runs on too."""
    for file in (REPOSITORIES / name).rglob("*.py"):
        compile(file.read_bytes(), str(file), "exec")


def test_every_example_is_listed() -> None:
    """Each folder has an entry, and each entry has a row on the page about examples."""
    page = Page(DOCS / "how-to" / "begin-with-an-example.md").text
    rows = {
        f"| `{e.name}` | {e.teaches} | {', '.join(e.kinds)} | `{e.expected.metric}` {e.expected.bounds} "
        f"| {e.expected.known} |"
        for e in EXAMPLES.values()
    }

    assert sorted(entry.name for entry in REPOSITORIES.iterdir()) == sorted(EXAMPLES)
    assert rows == {line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 6}


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    """A second pull is refused, with what to do instead; so is one over a file or over something else."""
    pull("wine", tmp_path / "wine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")

    with pytest.raises(UsageError, match=r"is not empty\nhint: .* 'zenrepo run wine' in there"):
        pull("wine", tmp_path / "wine")
    with pytest.raises(UsageError, match=r"is not empty\nhint: name a folder that is not there yet: 'zenrepo example"):
        pull("wine", tmp_path / "mine")
    with pytest.raises(UsageError, match="is a file"):
        pull("wine", tmp_path / "mine" / "notes.txt")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_what_git_refuses_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the commit fails, the folder is empty as before."""
    template = tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    refusing = template / "hooks" / "pre-commit"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(template))

    with pytest.raises(ZenrepoError):
        pull("wine", tmp_path / "wine")

    assert list((tmp_path / "wine").iterdir()) == []


def test_an_example_can_be_pulled_by_somebody_git_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a name in git's settings, one is set for the example alone, so that its data can be committed."""
    for variable in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))]:
        monkeypatch.delenv(variable)
    (tmp_path / "config").write_text("[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))

    folder = pull("wine", tmp_path / "wine")

    assert git(folder, "log", "-1", "--format=%an") == "Ada\n"
    assert (tmp_path / "config").read_text() == "[user]\n\tuseConfigOnly = true\n"


def test_an_unknown_example_says_what_is_near() -> None:
    """A slip is met with the name that was meant, anything else with all names."""
    with pytest.raises(UnknownName, match="did you mean 'penguins'"):
        pull("pinguins")
    with pytest.raises(UnknownName, match="there are penguins, "):
        pull("xyz")


def test_a_missing_library_is_named_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is the command that installs it."""
    monkeypatch.setitem(MODULES, "torch", "no_such_module")
    example = replace(EXAMPLES["wine"], extras=("torch",))

    assert missing(example) == ["torch"]
    with pytest.raises(ZenrepoError, match=r"pip install 'zenrepo\[torch\]'"):
        refuse_missing(example)


def test_an_outcome_says_whether_it_makes_sense() -> None:
    """The bounds belong to what is expected."""
    expected = Expected("r2", "0.4 to 0.55", at_least=0.35, at_most=0.65)

    assert [Outcome(value, expected).within for value in (0.34, 0.35, 0.65, 0.66)] == [False, True, True, False]
    assert not Outcome(float("nan"), expected).within
    assert str(Outcome(0.512, expected)) == (
        "r2 0.512, within what was expected (at least 0.35 and at most 0.65); known: 0.4 to 0.55"
    )


def test_the_command_line_lists_and_pulls(tmp_path: Path) -> None:
    """The table has a row for each example, ``--json`` all that is known, and ``pull`` says how to go on."""
    table = zenrepo(tmp_path, "list").stdout.splitlines()
    listed = json.loads(zenrepo(tmp_path, "list", "--json").stdout)
    pulled = zenrepo(tmp_path, "pull", "wine")
    again = zenrepo(tmp_path, "pull", "wine")

    assert [line.split()[0] for line in table] == ["example", *NAMES]
    assert [example["name"] for example in listed] == NAMES
    assert pulled.stdout == f"made {tmp_path / 'wine'}\n"
    assert pulled.stderr.splitlines()[-5:] == ["  cd wine", *(f"  {line}" for line in EXAMPLES["wine"].commands)]
    assert again.returncode == 2
    assert "hint: " in again.stderr
