"""``zenrepo config`` shows the settings that are in force, and where each comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository
from zenrepo.git.locate import locate
from zenrepo.runs.journal import FAILED, Journal


@pytest.fixture
def own(home: Path) -> Path:
    """Give the file of this user's settings."""
    path = home / "config/zenrepo/config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("jobs: 2\nworker:\n  idle: 1 h\n")
    return path


def test_each_setting_is_shown_with_the_line_that_says_it(
    repository: GitRepository, zenrepo: Zenrepo, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's, the repository's, and the defaults."""
    repository.write(".zenml/config.yaml", "version: 1\n\nsource_roots: [src]\n")
    monkeypatch.setenv("HOME", str(own.parents[2]))

    found = json.loads(zenrepo(repository.path, "config", "--json").stdout)

    assert found["jobs"] == {"value": 2, "from": "~/config/zenrepo/config.yaml:1"}
    assert found["worker.idle"] == {"value": "1 h", "from": "~/config/zenrepo/config.yaml:3"}
    assert found["on_failure"] == {"value": "", "from": "default"}
    assert found["source_roots"] == {"value": ["src"], "from": ".zenml/config.yaml:3"}
    assert found["artifact_store"] == {"value": "", "from": "default"}


def test_outside_a_repository_it_shows_the_users_own(tmp_path: Path, zenrepo: Zenrepo, own: Path) -> None:
    """They hold everywhere."""
    shown = zenrepo(tmp_path, "config")

    assert "source_roots" not in shown.stdout
    assert shown.stderr == f"your own settings: {own}\n"


def test_a_broken_file_is_said_with_its_line(tmp_path: Path, zenrepo: Zenrepo, own: Path) -> None:
    """And with the cure."""
    own.write_text("jobs: 2\nidle: 1 h\n")

    said = zenrepo(tmp_path, "config", code=2).stderr

    assert f"{own}:2: unknown key 'idle'" in said


def test_a_broken_file_stops_no_worker(repository: GitRepository, zenrepo: Zenrepo, own: Path) -> None:
    """It is said, and what is queued is executed with the defaults."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    own.write_text("jobs: 0\n")

    said = zenrepo(repository.path, "worker").stderr

    assert f"{own}:1: 'jobs' is 0: nothing would ever run" in said
    assert "executed 0 runs" in said


def test_the_list_of_runs_says_what_a_broken_file_keeps_secret(
    repository: GitRepository, zenrepo: Zenrepo, own: Path
) -> None:
    """On the side, where a run has ended meanwhile."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    own.write_text("jobs: 0\n")
    layout = locate(repository.path)
    with Journal(layout.runs_db) as journal:
        for _ in range(2):
            journal.add("p", "c" * 40, layout.folder, "asked for")
        before = zenrepo(repository.path, "runs").stderr
        journal.end(1, FAILED)

    assert before == ""
    assert f"not in force: {own}:1: 'jobs' is 0" in zenrepo(repository.path, "runs").stderr
    assert zenrepo(repository.path, "runs", "--limit", "1").stderr == ""


def test_the_editor_gets_a_file_that_names_every_key(
    tmp_path: Path, zenrepo: Zenrepo, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes of it is checked at once."""
    monkeypatch.setenv("EDITOR", "sed -i 's/# jobs: 1/jobs: none/'")

    said = zenrepo(tmp_path, "config", "--edit", code=2).stderr

    assert "'jobs' must be an integer" in said
    assert "# dirty: capture" in (home / "config/zenrepo/config.yaml").read_text()
