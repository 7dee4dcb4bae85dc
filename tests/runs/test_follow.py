"""Following a run: what is told, in which order, until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, INTERRUPTED, Journal
from zenrepo.runs.watching.follow import follow
from zenrepo.runs.watching.past import past, standing
from zenrepo.runs.watching.tail import Tail


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """A repository with one commit."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    return locate(repository.path)


@pytest.fixture
def journal(layout: Layout, repository: GitRepository) -> Iterator[Journal]:
    """The journal, in which runs of tea, coffee and tea wait."""
    with closing(Journal(layout.runs_db)) as journal:
        for pipeline in ("tea", "coffee", "tea"):
            journal.add(pipeline, repository.git("rev-parse", "HEAD"), layout.root, "asked for")
        yield journal


class Recording:
    """A run that writes what a runner and its steps write.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder

    def say(self, event: str, **data: Any) -> None:
        """Report an event."""
        with (self.folder / "events.jsonl").open("a", encoding="utf-8") as stream:
            events.write(stream, event, **data)

    def print(self, step: str, text: str) -> None:
        """Print as a step."""
        with (self.folder / f"{step}.log").open("a", encoding="utf-8") as stream:
            stream.write(text)

    def advance(self, step: str, done: int) -> None:
        """Say how far a step is."""
        note = {"done": done, "total": 10, "unit": "rows", "time": 1.0}
        (self.folder / f"{step}.progress").write_text(json.dumps(note))


def told(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Sum up events."""
    keys = ("event", "step", "state", "text", "done")
    return [tuple(event[key] for key in keys if key in event) for event in found]


def test_a_run_is_told_from_its_beginning_to_its_end(layout: Layout, journal: Journal) -> None:
    """What a step printed comes before its end, the end of the run last."""
    run = journal.take()
    assert run is not None
    recording = Recording(layout.run(run.id))
    recording.say("run", state="running", steps=[{"name": "data"}])
    recording.say("step", step="data", state="running")
    following = follow(layout, journal, run.number, logs=True)
    found = [next(following), next(following)]
    recording.print("data", "one\ntw")
    found.append(next(following))
    recording.advance("data", 5)
    found.append(next(following))
    recording.print("data", "o\nthree")
    recording.say("step", step="data", state="complete", seconds=1.0)
    journal.end(run.number, COMPLETE)
    found += following

    assert told(found) == [
        ("run", "running"),
        ("step", "data", "running"),
        ("log", "data", "one"),
        ("progress", "data", 5),
        ("log", "data", "two"),
        ("log", "data", "three"),
        ("step", "data", "complete"),
        ("end", "complete"),
    ]
    assert all(event["time"] > 0 for event in found)


def test_an_attempt_that_failed_is_told_with_all_that_it_printed(layout: Layout, journal: Journal) -> None:
    """Its log was put aside; that of the next attempt is told from its beginning."""
    run = journal.take()
    assert run is not None
    recording = Recording(layout.run(run.id))
    recording.say("step", step="data", state="running")
    recording.print("data", "one\n")
    following = follow(layout, journal, run.number, logs=True)
    found = [next(following), next(following)]
    recording.print("data", "two\n")
    (recording.folder / "data.log").rename(recording.folder / "data.1.log")
    recording.say("step", step="data", state=events.RETRYING, attempt=1, attempts=2, wait=1.0, error={"message": "no"})
    found += [next(following), next(following)]
    recording.say("step", step="data", state="running", attempt=2, attempts=2)
    recording.print("data", "again\n")
    found += [next(following), next(following)]

    assert told(found) == [
        ("step", "data", "running"),
        ("log", "data", "one"),
        ("log", "data", "two"),
        ("step", "data", "retrying"),
        ("step", "data", "running"),
        ("log", "data", "again"),
    ]


def test_logs_are_for_those_who_ask(layout: Layout, journal: Journal) -> None:
    """Another step's log is none of the run's end."""
    run = journal.take()
    assert run is not None
    recording = Recording(layout.run(run.id))
    recording.say("step", step="data", state="running")
    recording.print("data", "one\n")
    recording.say("step", step="data", state="failed", seconds=1.0, error={"message": "no"})
    journal.end(run.number, FAILED, "no")
    end = list(follow(layout, journal, run.number))[-1]

    assert told(list(follow(layout, journal, run.number))) == [
        ("step", "data", "running"),
        ("step", "data", "failed"),
        ("end", "failed"),
    ]
    assert (end["run"], end["message"]) == (1, "no")


def test_a_run_that_waits_says_for_what(layout: Layout, journal: Journal) -> None:
    """Again whenever that changes."""
    journal.take()
    following = follow(layout, journal, 3)
    first = next(following)
    with Journal(layout.runs_db) as other:
        other.cancel(2)
    second = next(following)
    journal.cancel(3)
    end = next(following)

    assert (first["event"], first["place"], first["running"]) == ("queued", 2, [{"run": 1, "pipeline": "tea"}])
    assert (second["place"], second["running"]) == (1, [{"run": 1, "pipeline": "tea"}])
    assert (end["event"], end["state"]) == ("end", CANCELED)


def test_how_far_a_run_is_can_be_asked_at_any_time(layout: Layout, journal: Journal) -> None:
    """Steps that are done, used again, running, and how far these are."""
    recording = Recording(layout.run("tea-1"))
    recording.say("run", state="running", steps=[{"name": name} for name in ("data", "split", "trainer", "evaluator")])
    recording.say("step", step="data", state="cached")
    recording.say("step", step="split", state="complete")
    recording.say("step", step="trainer", state="running")
    recording.advance("trainer", 7)
    run = journal.run(1)
    found, rest = standing(layout, run), {"steps": 4, "done": 2, "cached": 1, "failed": []}
    killed = standing(layout, run._replace(state=INTERRUPTED))

    assert found.plain() == {**rest, "running": ["trainer"], "stopped": []}
    assert found.progress["trainer"]["done"] == 7
    assert (killed.plain(), killed.progress) == ({**rest, "running": [], "stopped": ["trainer"]}, {})
    assert standing(layout, run._replace(number=2)).plain()["steps"] == 0
    assert past(layout, "tea-2") == []


def test_a_log_that_is_shortened_goes_on_behind(tmp_path: Path) -> None:
    """One that was begun anew, for another attempt, is read from its beginning."""
    file = tmp_path / "step.log"
    tail = Tail(file)
    assert tail.lines() == []
    file.write_text("one\ntwo\nhal")
    assert tail.lines() == ["one", "two"]
    (tmp_path / "other").write_text("one\n… left out …\nhalf\n")
    (tmp_path / "other").replace(file)
    assert tail.lines() == []
    with file.open("a") as stream:
        stream.write("three\n")
    assert tail.lines() == ["three"]
    file.write_text("anew\nend")

    assert tail.lines() == ["anew"]
    assert tail.lines(ended=True) == ["end"]
