"""``zenrepo captured``, and how runs of captured working trees are shown."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository
from zenrepo import user_config
from zenrepo.flows.planning.capture import choose, project
from zenrepo.git.captured import keep
from zenrepo.git.locate import locate
from zenrepo.runs.journal import COMPLETE, Journal
from zenrepo.runs.options import Options


@pytest.fixture
def captured(repository: GitRepository, zenrepo: Zenrepo) -> GitRepository:
    """A repository in which run 1 executed what is uncommitted."""
    repository.commit({".zenml/config.yaml": "version: 1\n", "steps/net.py": "WIDTH = 1\n"})
    repository.write("steps/net.py", "WIDTH = 2\n")
    repository.write("new\x1b[31m.txt", "")
    layout = locate(repository.path)
    commit = choose(layout).commit
    layout.private.mkdir()
    with Journal(layout.runs_db) as journal:
        keep(layout.common, project(layout), commit)
        run = journal.add("p", commit, layout.root, "asked for", options=Options(captured=True))
        journal.end(run.number, COMPLETE)
    return repository


def test_a_captured_commit_is_marked(captured: GitRepository, zenrepo: Zenrepo) -> None:
    """Among runs, and where one is shown, with what it held."""
    commit = json.loads(zenrepo(captured.path, "captured", "--json").stdout)[0]["commit"]

    assert f" {commit[:7]}+ " in zenrepo(captured.path, "runs").stdout
    shown = zenrepo(captured.path, "runs", "1").stdout
    assert f"run 1 of 'p' at {commit[:12]}+: complete" in shown
    assert "captured: new\\x1b[31m.txt, steps/net.py; see 'zenrepo captured show 1 --diff'" in shown
    assert json.loads(zenrepo(captured.path, "runs", "--json").stdout)[0]["captured"] is True


def test_it_is_listed_shown_promoted_and_dropped(captured: GitRepository, zenrepo: Zenrepo) -> None:
    """A file's name steers no terminal, and its content keeps its lines."""
    listed = zenrepo(captured.path, "captured").stdout
    assert "1 p" in listed
    assert "new\\x1b[31m.txt, steps/net.py" in listed
    assert "  steps/net.py\n" in zenrepo(captured.path, "captured", "show", "1").stdout
    assert "-WIDTH = 1\n+WIDTH = 2\n" in zenrepo(captured.path, "captured", "show", "1", "--diff").stdout
    assert zenrepo(captured.path, "captured", "show", "1", "--against", "1").stdout == ""

    promoted = zenrepo(captured.path, "captured", "promote", "1", "wider", "-m", "Widen it").stderr

    assert promoted.startswith("branch 'wider' is at ")
    assert zenrepo(captured.path, "captured", "expire").stderr == "0 expired\n"
    assert "; run 1 cannot be run again from it" in zenrepo(captured.path, "captured", "drop", "1").stderr
    assert "was dropped or has expired: its code is gone" in zenrepo(captured.path, "runs", "1").stdout
    assert "one may have been dropped" in zenrepo(captured.path, "captured", "show", "1", code=2).stderr


def test_a_run_says_what_it_captured(captured: GitRepository, zenrepo: Zenrepo) -> None:
    """And what of it git could not take; it is found to fail like any other."""
    captured.git("init", "--quiet", "vendor")
    captured.git("-C", "vendor", "commit", "--quiet", "--allow-empty", "--message", "one")
    user_config.path().parent.mkdir(parents=True)
    user_config.path().write_text("worker: {idle: 0 s}\n")
    captured.write(
        ".zenml/pipelines/p.yaml",
        "version: 1\nname: p\nkind: custom\ntrigger: {on: [manual]}\nsteps: {one: {type: steps.gone.One}}\n",
    )

    said = zenrepo(captured.path, "run", "p", code=6).stderr

    assert (
        "+\ncaptured what is uncommitted: .zenml/pipelines/p.yaml, new\\x1b[31m.txt, steps/net.py and 1 more\n" in said
    )
    assert "\nfiles in a repository of their own are not in the run: vendor\n" in said
    assert "+ failed: " in said
