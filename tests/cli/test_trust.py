"""``zenrepo trust`` shows what runs by itself and trusts it; ``zenrepo init`` asks, or says what it did not do."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository

PIPELINE = """\
version: 1
name: p
kind: custom
trigger:
  branches: [main]
  on: [commit, merge]
steps:
  first: {type: steps.own.Own}
"""
SHOWN = "  on: [commit, merge]\n  branches: [main]\n"


@pytest.fixture
def clone(repository: GitRepository, tmp_path: Path) -> GitRepository:
    """A clone of a repository that somebody else made a zenrepo repository."""
    step = "from zenrepo.steps import DataStep\nclass Own(DataStep):\n    pass\n"
    manual = PIPELINE.replace("[commit, merge]", "[manual]").replace("name: p", "name: by-hand")
    files = {".zenml/pipelines/p.yaml": PIPELINE, ".zenml/pipelines/by-hand.yaml": manual, "steps/own.py": step}
    repository.commit({".zenml/config.yaml": "version: 1\n", **files})
    repository.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    return GitRepository(tmp_path / "clone")


def test_it_shows_what_it_trusts(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """The whole section of each pipeline that runs by itself, and how to make up for what was left out."""
    first = zenrepo(clone.path, "trust")
    second = zenrepo(clone.path, "trust", "--merges")

    assert first.stdout == (
        f"pipeline 'p' is trusted now\n{SHOWN}merges and pulls run nothing (zenrepo trust --merges)\n"
    )
    assert first.stderr == "a commit that was left out until now runs by hand: zenrepo run p\n"
    assert second.stdout == f"pipeline 'p' is trusted\n{SHOWN}merges and pulls may run what others wrote\n"
    assert second.stderr == ""


def test_the_status_trusts_nothing(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """Its exit code is 4 until all that runs by itself is trusted."""
    before = zenrepo(clone.path, "trust", "--status", code=4)
    again = zenrepo(clone.path, "trust", "--status", "--json", code=4)
    zenrepo(clone.path, "trust")
    after = json.loads(zenrepo(clone.path, "trust", "--status", "--json").stdout)

    assert before.stdout.startswith(f"pipeline 'p' is not trusted\n{SHOWN}")
    assert "this repository is not trusted on this machine\nhint: 'zenrepo trust'" in before.stderr
    assert not json.loads(again.stdout)["trusted"]
    assert after["pipelines"] == [
        {"pipeline": "p", "trusted": True, "trigger": {"on": ["commit", "merge"], "branches": ["main"]}}
    ]
    assert Path(after["record"]).is_file()


def test_trust_can_be_taken_back(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """With the consent for merges."""
    zenrepo(clone.path, "trust", "--merges")
    said = [zenrepo(clone.path, "trust", "--revoke").stdout for _ in range(2)]
    zenrepo(clone.path, "trust")

    assert said == [
        "no trigger of this repository is trusted any more\n",
        "no trigger of this repository was trusted\n",
    ]
    assert not json.loads(zenrepo(clone.path, "trust", "--status", "--json").stdout)["merges"]


def test_the_triggers_of_another_commit_can_be_trusted(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """Beside those of HEAD: of a branch that is about to be merged, or pushed to a bare repository."""
    clone.git("checkout", "--quiet", "-b", "topic")
    clone.commit({".zenml/pipelines/q.yaml": PIPELINE.replace("name: p", "name: q")})
    clone.git("checkout", "--quiet", "main")

    assert "pipeline 'q' is trusted now\n" in zenrepo(clone.path, "trust", "--at", "topic").stdout
    assert "no commit is named" in zenrepo(clone.path, "trust", "--at", "nowhere", code=2).stderr


def test_options_that_exclude_each_other_are_refused(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """Nothing is done halfway."""
    zenrepo(clone.path, "trust", "--merges", "--revoke", code=2)
    zenrepo(clone.path, "trust", "--revoke", "--status", code=2)


def test_the_status_of_the_repository_shows_it_in_a_line(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """What is not trusted has its name there."""
    none = zenrepo(clone.path, "status").stdout
    zenrepo(clone.path, "trust")
    every = zenrepo(clone.path, "status").stdout
    clone.commit({".zenml/pipelines/q.yaml": PIPELINE.replace("name: p", "name: q")})
    some = zenrepo(clone.path, "status").stdout

    assert "trust       not trusted: nothing runs by itself (zenrepo trust)\n" in none
    assert "trust       all that runs by itself is trusted\n" in every
    assert "trust       all but 'q' (zenrepo trust)\n" in some
    assert json.loads(zenrepo(clone.path, "status", "--json").stdout)["trust"]["untrusted"] == ["q"]


@pytest.mark.parametrize(("options", "trusted"), [([], False), (["--trust"], True), (["--no-trust"], False)])
def test_init_in_a_clone_trusts_only_when_told_so(
    clone: GitRepository, zenrepo: Zenrepo, options: list[str], trusted: bool
) -> None:
    """Without a terminal nobody can be asked, and the way out is said."""
    said = zenrepo(clone.path, "init", "--no-hooks", *options).stderr

    assert ("runs a pipeline here (zenrepo trust)" in said) == (not trusted)
    zenrepo(clone.path, "trust", "--status", code=0 if trusted else 4)


def test_init_twice_keeps_what_is_trusted(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """And ``--no-trust`` takes nothing back."""
    zenrepo(clone.path, "init", "--no-hooks", "--trust")
    said = zenrepo(clone.path, "init", "--no-hooks", "--no-trust").stderr

    assert "not trusted" not in said
    zenrepo(clone.path, "trust", "--status")


def test_init_goes_on_where_trust_cannot_be_kept(
    repository: GitRepository, tmp_path: Path, zenrepo: Zenrepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so; only who asked for trust gets an error."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    said = zenrepo(repository.path, "init", "--no-hooks").stderr

    assert "what you trust cannot be kept" in said
    assert "not trusted" in said
    zenrepo(repository.path, "init", "--no-hooks", "--trust", code=1)


def asked(folder: Path, answer: str, *options: str) -> str:
    """Run ``zenrepo init`` on a terminal, type an answer, and give what the terminal shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "zenrepo.cli", "init", *options]
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = b""
        try:
            while part := os.read(ours, 1 << 12):
                shown += part
        except OSError:  # how Linux says that nobody holds the other end any more
            pass
    os.close(ours)
    assert process.returncode == 0
    return shown.decode().replace("\r", "")


@pytest.mark.parametrize(("answer", "code"), [("", 0), ("n", 4)])
def test_on_a_terminal_the_owner_is_asked(repository: GitRepository, zenrepo: Zenrepo, answer: str, code: int) -> None:
    """Yes is what the user of a new repository means."""
    assert "Let your commits run pipelines on this machine? [Y/n]" in asked(repository.path, answer)
    zenrepo(repository.path, "trust", "--status", code=code)


@pytest.mark.parametrize(("answer", "code"), [("", 4), ("y", 0)])
def test_on_a_terminal_who_cloned_is_shown_what_there_is(
    clone: GitRepository, zenrepo: Zenrepo, answer: str, code: int
) -> None:
    """No is what habit types."""
    shown = asked(clone.path, answer)

    assert f"pipeline 'p' is not trusted\n{SHOWN}Let the triggers of this repository run" in shown
    assert "[y/N]" in shown
    zenrepo(clone.path, "trust", "--status", code=code)


def test_on_a_terminal_nobody_is_asked_twice(clone: GitRepository, zenrepo: Zenrepo) -> None:
    """What is trusted is trusted."""
    zenrepo(clone.path, "trust")

    assert "?" not in asked(clone.path, "")


def test_on_a_terminal_nobody_is_asked_where_nothing_would_run(
    repository: GitRepository, tmp_path: Path, zenrepo: Zenrepo
) -> None:
    """Without hooks; and in a bare repository, which is trusted by hand alone."""
    assert "?" not in asked(repository.path, "n", "--no-hooks")
    zenrepo(repository.path, "trust", "--status")
    repository.git("init", "--quiet", "--bare", str(tmp_path / "bare.git"))

    assert "not trusted" in (shown := asked(tmp_path / "bare.git", "y"))
    assert "?" not in shown
