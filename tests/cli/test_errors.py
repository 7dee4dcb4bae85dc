"""What goes wrong is said in words, with the exit code that the kind of error has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository


@pytest.fixture
def project(repository: GitRepository, zenrepo: Zenrepo) -> GitRepository:
    """A repository with one commit."""
    zenrepo(repository.path, "init", "--no-hooks")
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    return repository


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (["run", "nothing"], 2, "unknown pipeline 'nothing'"),
        (["run", "nothing", "--at", "nowhere"], 2, "no commit is named 'nowhere'"),
        (["run", "nothing", "--dirty", "maybe"], 2, "unknown way with uncommitted changes 'maybe'"),
        (["runs", "7"], 2, "unknown run '7'"),
        (["runs", "--follow"], 2, "there is no run to follow"),
        (["pipelines", "nothing"], 2, "unknown pipeline 'nothing'"),
        (["hooks", "status"], 1, "the hooks do not fire"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
    ],
)
def test_each_error_names_the_thing(
    project: GitRepository, zenrepo: Zenrepo, command: list[str], code: int, message: str
) -> None:
    """The message is on stderr, stdout has no half of an answer, and nobody sees a traceback."""
    done = zenrepo(project.path, *command, code=code)

    assert message in done.stderr


def test_a_dirty_tree_is_refused_where_that_is_asked_for(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Nobody runs a commit by mistake who believes to run what is in the editor."""
    project.write(".zenml/config.yaml", "version: 1\nsource_roots: [src]\n")
    done = zenrepo(project.path, "run", "nothing", "--dirty", "refuse", code=5)

    assert "the working tree differs from it: .zenml/config.yaml" in done.stderr


def test_debug_shows_the_traceback(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Who wants to see it can."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "zenrepo.cli", "--debug", "runs", "7"]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=False)

    assert "Traceback" in done.stderr


def test_help_lists_every_command(project: GitRepository, zenrepo: Zenrepo) -> None:
    """The help is made from all commands, though a command imports only itself."""
    from zenrepo.cli.app import COMMANDS

    shown = zenrepo(project.path, "--help").stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_a_broken_pipeline_file_hides_no_other(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Listings go on; the broken file is named on stderr."""
    project.write(".zenml/pipelines/a.yaml", "version: 1\nname: a\nsteps: {}\nextra: 1\n")
    project.write(".zenml/pipelines/b.yaml", "version: 1\nname: b\nsteps: {x: {type: m.S}}\n")
    done = zenrepo(project.path, "pipelines")

    assert done.stdout.splitlines()[1].startswith("b ")
    assert "a.yaml:4: unknown key 'extra'" in done.stderr
    assert "look        .zenml/pipelines/a.yaml:4: unknown key 'extra'" in zenrepo(project.path, "status").stdout


def test_a_closed_output_is_an_error_of_one_line(project: GitRepository) -> None:
    """Nobody is shown a traceback for it."""
    import subprocess
    import sys

    command = f"'{sys.executable}' -m zenrepo.cli status >&-"
    done = subprocess.run(command, shell=True, cwd=project.path, stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "error: standard output is closed")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a disk that is always full")
@pytest.mark.parametrize("command", ["--version", "steps", "status", "runs --help"])
def test_a_full_output_is_an_error_of_one_line(project: GitRepository, command: str) -> None:
    """However much of it Python holds back."""
    import subprocess
    import sys

    for unbuffered in ("", "1"):
        done = subprocess.run(
            f"PYTHONUNBUFFERED={unbuffered} '{sys.executable}' -m zenrepo.cli {command} >/dev/full",
            shell=True,
            cwd=project.path,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "no space left" in done.stderr.splitlines()[0]
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["steps"], ["status"], ["pipelines", "--json"]])
def test_who_stops_reading_is_told_nothing(project: GitRepository, command: list[str]) -> None:
    """``zenrepo … | head`` ends in silence, with the code that the shell gives to other programs."""
    import os
    import subprocess
    import sys

    project.commit({"steps/own.py": "from zenrepo.steps import CustomStep\nclass One(CustomStep):\n    pass\n"})
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [sys.executable, "-m", "zenrepo.cli", *command]
    done = subprocess.run(arguments, cwd=project.path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, "")


def test_broken_settings_are_said_once_and_queue_nothing(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """By every command that looks at pipelines: no run would only fail of them later."""
    step = "from zenrepo.steps import CustomStep\nclass One(CustomStep): pass\n"
    repository.commit({".zenml/config.yaml": "version: 1\n", "steps/own.py": step})
    zenrepo(repository.path, "init", "--trust")
    trigger = "trigger: {on: [commit]}\nkind: custom\nsteps: {one: {type: steps.own.One}}\n"
    pipelines = {f".zenml/pipelines/{name}.yaml": f"version: 1\nname: {name}\n{trigger}" for name in "pq"}
    for path, text in {**pipelines, ".zenml/config.yaml": "version: 1\njobs: 2\n"}.items():
        repository.write(path, text)
    repository.git("add", ".")
    said = ".zenml/config.yaml:2: unknown key 'jobs'"

    assert repository.attempt("commit", "--quiet", "--message", "two").stderr.count(f"no run is queued: {said}") == 1
    assert said in zenrepo(repository.path, "run", "p", code=2).stderr
    assert zenrepo(repository.path, "impact", "HEAD").stderr.count(said) == 1
    assert f"nothing runs: {said}" in zenrepo(repository.path, "status").stdout
    assert zenrepo(repository.path, "runs", "--json").stdout == "[]\n"


def test_a_broken_pipeline_file_is_refused_before_its_run_is_queued(
    repository: GitRepository, zenrepo: Zenrepo
) -> None:
    """Not by the run, later."""
    repository.commit({".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/p.yaml": "version: 1\nnam: p\n"})

    assert ".zenml/pipelines/p.yaml:2" in zenrepo(repository.path, "run", "p", code=2).stderr
    assert zenrepo(repository.path, "runs", "--json").stdout == "[]\n"
