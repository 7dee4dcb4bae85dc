"""A user is told of runs that have ended, by a command of the user's own."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.answers.troubles import troubles
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, Journal, Run
from zenrepo.runs.processes import lease
from zenrepo.runs.watching.notify import VARIABLES, Notifier
from zenrepo.runs.watching.past import past

SCRIPT = """\
#!/bin/sh
env > "$HOME/variables.$ZENREPO_RUN"
cat > "$HOME/facts.$ZENREPO_RUN"
pwd > "$HOME/folder"
"""


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """A repository with a commit."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    return locate(repository.path)


@pytest.fixture
def journal(layout: Layout) -> Iterator[Journal]:
    """Its journal."""
    with Journal(layout.runs_db) as journal:
        yield journal


@pytest.fixture
def settings(home: Path) -> Callable[[str], Path]:
    """Write the settings of this user."""
    path = home / "config/zenrepo/config.yaml"
    path.parent.mkdir(parents=True)

    def write(text: str) -> Path:
        path.write_text(text)
        return path

    return write


@pytest.fixture
def script(home: Path) -> Path:
    """A script of the user's that writes down all that it is told."""
    path = home / "tell me.sh"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


def ended(layout: Layout, journal: Journal, state: str, message: str = "") -> Run:
    """Add a run that has ended."""
    number = journal.add("tea", "c" * 40, layout.root, "asked for").number
    journal.take()
    journal.end(number, state, message)
    return journal.run(number)


def tell(layout: Layout, journal: Journal, patience: float = 60.0) -> list[str]:
    """Tell of what has ended, and give what is complained of."""
    said: list[str] = []
    notifier = Notifier(layout, said.append, patience)
    notifier.tell(journal)
    notifier.wait()
    return said


def notified(layout: Layout, run: Run) -> list[dict[str, Any]]:
    """Give what a run's record says of notifications."""
    return [event for event in past(layout, run.id) if event["event"] == "notified"]


def test_a_command_is_told_of_a_failed_run(layout, journal, settings, script, home):
    """In variables and, with all steps, as JSON; the words of the command are its own."""
    settings(f"on_failure: ['{script}']\n")
    run = ended(layout, journal, FAILED, "step 'one': no\n'tea'\nhint: say yes")
    folder = layout.run(run.id)
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_text('{"event": "step", "step": "one", "state": "failed", "seconds": 1.5}\n')

    assert tell(layout, journal) == []

    variables = (home / "variables.1").read_text()
    facts = json.loads((home / "facts.1").read_text())
    assert all(f"ZENREPO_{name.upper()}=" in variables for name in VARIABLES)
    assert "ZENREPO_STATE=failed\n" in variables
    assert "ZENREPO_MESSAGE=step 'one': no\n'tea'\n" in variables
    assert "ZENREPO_HINT=say yes\n" in variables
    assert (facts["run"], facts["pipeline"], facts["commit"]) == (1, "tea", "c" * 40)
    assert facts["steps"] == [{"step": "one", "state": "failed", "seconds": 1.5, "facts": None}]
    assert [(event["on"], event["problem"]) for event in notified(layout, run)] == [("on_failure", "")]


def test_it_runs_in_the_home_folder(layout, journal, settings, script, home):
    """A relative path in it names nothing that a repository holds."""
    settings("on_success: ./tell*.sh\n")
    ended(layout, journal, COMPLETE)

    assert tell(layout, journal) == []

    assert Path((home / "folder").read_text().strip()) == home


def test_each_run_is_told_of_once(layout, journal, settings, home):
    """Success and failure by their own commands; of what was canceled by hand nobody is told."""
    settings('on_success: echo "$ZENREPO_RUN" >> "$HOME/good"\non_failure: echo "$ZENREPO_RUN" >> "$HOME/bad"\n')
    for state in (COMPLETE, FAILED, CANCELED):
        ended(layout, journal, state)
    tell(layout, journal)
    ended(layout, journal, COMPLETE)

    tell(layout, journal)

    assert (home / "good").read_text() == "1\n4\n"
    assert (home / "bad").read_text() == "2\n"


def test_the_next_worker_tells_of_a_run_whose_worker_died(layout, journal, settings, home):
    """Whoever noticed it meanwhile."""
    settings('on_failure: echo "$ZENREPO_STATE" > "$HOME/bad"\n')
    journal.add("tea", "c" * 40, layout.root, "asked for")
    journal.take()
    journal._database.execute("update leases set boot = 'another'")
    journal.interrupt_dead()

    assert tell(layout, journal) == []

    assert (home / "bad").read_text() == "interrupted\n"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("exit 3", "ended with exit status 3: see '"),
        ("[no-such-command]", "could not be started: No such file or directory: 'no-such-command'"),
    ],
)
def test_what_goes_wrong_with_a_command_is_said(layout, journal, settings, command, problem):
    """In the worker's log and in the run's record; the run itself is as it was."""
    settings(f"on_failure: {command}\n")
    run = ended(layout, journal, FAILED)

    [said] = tell(layout, journal)

    assert said.startswith(f"the command 'on_failure' for run 1 of 'tea' {problem}")
    assert notified(layout, run)[0]["problem"].startswith(problem)
    assert journal.run(1) == run


def test_a_command_that_hangs_is_ended(layout, journal, settings, home):
    """With all that it has started, when its time is over."""
    settings('on_failure: sleep 600 & echo $! > "$HOME/pid"; wait\n')
    ended(layout, journal, FAILED)

    [said] = tell(layout, journal, patience=1.0)

    assert said.endswith("took longer than 1 s, and was ended")
    pid = int((home / "pid").read_text())
    for _ in range(100):
        if not lease.born(pid):
            break
        time.sleep(0.05)
    assert not lease.born(pid)


def test_broken_settings_are_said_and_stop_nothing(layout, journal, settings):
    """The worker goes on; who looks is told so."""
    path = settings("on_failur: x\n")
    ended(layout, journal, FAILED)

    [said] = tell(layout, journal)
    [looked] = troubles(layout)

    assert said.startswith(f"{path}:1: unknown key 'on_failur'")
    assert looked == (
        f"your own settings are not in force: {path}:1: unknown key 'on_failur' (did you mean 'on_failure'?); "
        "you were not told of a run that has ended, and will be when it is mended"
    )


def test_what_ended_while_the_settings_were_broken_is_told_when_they_are_mended(layout, journal, settings, home):
    """Unless that is long past."""
    settings("on_failur: x\n")
    for _ in range(2):
        ended(layout, journal, FAILED)
        tell(layout, journal)
    with closing(sqlite3.connect(layout.runs_db, isolation_level=None)) as database:
        database.execute("update runs set ended = ended - 90000 where number = 1")
    settings('on_failure: echo "$ZENREPO_RUN" >> "$HOME/bad"\n')

    said = tell(layout, journal) + tell(layout, journal)

    assert said == []
    assert (home / "bad").read_text() == "2\n"
    assert list(troubles(layout)) == []


def test_a_command_that_reads_nothing_and_prints_much(layout, journal, settings):
    """What it prints is kept beside the run's logs."""
    settings("on_failure: head -c 1000000 /dev/zero\n")
    run = ended(layout, journal, FAILED, "x" * 1_000_000)

    assert tell(layout, journal) == []

    assert (layout.run(run.id) / "notify.log").stat().st_size == 1_000_000
