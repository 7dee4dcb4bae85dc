"""``zenrepo runs``: the words that are left out, and those that change what is queued."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.cli.conftest import zenrepo as zenrepo  # noqa: PLC0414  (a fixture)
from tests.conftest import GitRepository
from zenrepo.errors import UsageError
from zenrepo.git.locate import locate
from zenrepo.repo import Repository
from zenrepo.runs.journal import CANCELED, COMPLETE, Journal


@pytest.fixture
def clone(repository: GitRepository) -> Path:
    """A repository in which a run of tea is complete, one of coffee runs in this process, and one of tea waits."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    layout = locate(repository.path)
    with Journal(layout.runs_db) as journal:
        for pipeline in ("tea", "coffee", "tea"):
            journal.add(pipeline, repository.git("rev-parse", "HEAD").strip(), layout.root, "asked for")
        journal.take()
        journal.end(1, COMPLETE)
        journal.take()
    return repository.path


def listed(text: str) -> list[tuple[int, str]]:
    """Read number and state of each run that was printed as JSON."""
    return [(run["run"], run["state"]) for run in json.loads(text)]


def test_without_a_word_runs_are_listed(clone: Path, zenrepo: Zenrepo) -> None:
    """With it, too."""
    for words in (["runs"], ["runs", "list"]):
        assert listed(zenrepo(clone, *words, "--json").stdout) == [(3, "queued"), (2, "running"), (1, "complete")]
    assert listed(zenrepo(clone, "runs", "-n", "1", "--pipeline", "tea", "--json").stdout) == [(3, "queued")]


def test_a_number_shows_a_run(clone: Path, zenrepo: Zenrepo) -> None:
    """In front of an option or behind it."""
    for words in (["1", "--json"], ["--json", "1"], ["show", "1", "--json"]):
        assert json.loads(zenrepo(clone, "runs", *words).stdout)["run"] == 1


def test_a_run_that_waits_is_canceled_at_once(clone: Path, zenrepo: Zenrepo) -> None:
    """Only once."""
    assert "run 3 of 'tea' is canceled" in zenrepo(clone, "runs", "cancel", "3").stderr
    assert "run 3 of 'tea' has ended: it is canceled" in zenrepo(clone, "runs", "cancel", "3", code=2).stderr
    assert "canceled: by hand" in zenrepo(clone, "runs", "3", code=6).stderr


def test_a_running_run_is_asked_to_stop(clone: Path, zenrepo: Zenrepo) -> None:
    """Its worker does so, or whoever finds that worker dead."""
    assert "run 2 of 'coffee' is being stopped" in zenrepo(clone, "runs", "cancel", "2").stderr
    with Journal(locate(clone).runs_db) as journal:
        assert journal.wanted(2) == "by hand"
        journal.interrupt_running()
        assert (journal.run(2).state, journal.run(2).message) == ("canceled", "by hand")


def test_many_runs_are_canceled_at_once(clone: Path, zenrepo: Zenrepo) -> None:
    """Those that wait, those of a pipeline, or all."""
    assert "no run to cancel" in zenrepo(clone, "runs", "cancel", "--waiting", "--pipeline", "coffee").stderr
    said = zenrepo(clone, "runs", "cancel", "--all").stderr.splitlines()

    assert [line.partition(";")[0] for line in said] == [
        "run 2 of 'coffee' is being stopped",
        "run 3 of 'tea' is canceled",
    ]


@pytest.mark.parametrize("words", [[], ["3", "--all"], ["3", "--pipeline", "tea"]])
def test_what_is_to_be_canceled_must_be_clear(clone: Path, zenrepo: Zenrepo, words: list[str]) -> None:
    """Nothing is."""
    assert "which run is to be canceled?" in zenrepo(clone, "runs", "cancel", *words, code=2).stderr
    assert (3, "queued") in listed(zenrepo(clone, "runs", "--json").stdout)


def test_a_command_of_ones_own_that_failed_is_said(clone: Path, zenrepo: Zenrepo) -> None:
    """With the run that it should have told of."""
    folder = locate(clone).run("tea-1")
    folder.mkdir(parents=True)
    event = {"event": "notified", "on": "on_success", "problem": "ended with exit status 3", "time": 0}
    (folder / "events.jsonl").write_text(json.dumps(event) + "\n")

    assert "your command 'on_success' ended with exit status 3" in zenrepo(clone, "runs", "1").stderr


def test_what_cannot_be_resumed_is_refused(clone: Path, zenrepo: Zenrepo) -> None:
    """And queues nothing."""
    assert "there is nothing to resume" in zenrepo(clone, "runs", "resume", "1", code=2).stderr
    assert "is running: it has not ended" in zenrepo(clone, "runs", "retry", "2", code=2).stderr
    assert "unknown run '9'" in zenrepo(clone, "runs", "resume", "9", code=2).stderr
    assert len(listed(zenrepo(clone, "runs", "--json").stdout)) == 3


def test_the_repository_cancels_too(clone: Path) -> None:
    """And refuses as the command does."""
    repo = Repository.get_instance(clone)

    assert repo.cancel(3).state == CANCELED
    with pytest.raises(UsageError, match="there is nothing to resume"):
        repo.resume(1)
