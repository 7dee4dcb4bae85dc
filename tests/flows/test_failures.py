"""Why a step of a run failed: read from the run's record and from git."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from tests.flows.recorded_runs import NODES, Recorded
from zenrepo.cli.failed import show_failures
from zenrepo.flows.answers.failures import Failure, failures
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import Journal, Run

FRAME = {"file": "lib/shape.py", "line": 1, "function": "width", "commit": ""}


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A repository in which a trainer failed in the user's helper."""
    recorded = Recorded(repository, tmp_path / "store")
    recorded.run(failing="trainer")
    return recorded


def failed(recorded: Recorded, number: int = 1, **error: Any) -> tuple[Layout, Run]:
    """Record of what the trainer of a run failed."""
    layout = locate(recorded.git.path)
    with Journal(layout.runs_db) as journal:
        run = journal.run(number)
    told = {"message": "step 'trainer': no luck", "hint": "", "traceback": "Traceback …", "frame": {}, **error}
    with (layout.run(run.id) / "events.jsonl").open("a") as stream:
        events.write(stream, "step", step="trainer", state="failed", error=told)
    return layout, run


def only(found: list[Failure]) -> Failure:
    """Give the one failure."""
    [failure] = found
    return failure


def test_the_users_line_is_shown_as_it_was_at_the_commit(recorded: Recorded) -> None:
    """The working tree and later commits have gone on."""
    layout, run = failed(recorded, frame=FRAME)
    recorded.edit("lib/shape.py", "return 1", "return 2")
    place = only(failures(layout, run)).place

    assert place is not None
    assert place.source == {1: "def width(): return 1"}
    assert (place.file, place.line, place.function, place.commit) == ("lib/shape.py", 1, "width", run.commit)


def test_a_pinned_step_is_shown_as_it_was_at_its_own_commit(recorded: Recorded) -> None:
    """Which may be named by some of its digits."""
    pinned = recorded.edit("lib/shape.py", "return 1", "return 2")
    layout, run = failed(recorded, frame={**FRAME, "commit": pinned[:12]})
    place = only(failures(layout, run)).place

    assert place is not None
    assert place.source == {1: "def width(): return 2"}


@pytest.mark.parametrize("frame", [{**FRAME, "file": "gone.py"}, {**FRAME, "commit": "0" * 12}, {**FRAME, "line": 99}])
def test_a_line_that_git_does_not_have_is_named_alone(recorded: Recorded, frame: dict[str, Any]) -> None:
    """Nothing else is shown in its place."""
    place = only(failures(*failed(recorded, frame=frame))).place

    assert place is not None
    assert place.source == {}


def test_an_error_that_came_from_no_line_of_the_users_shows_none(recorded: Recorded) -> None:
    """A standard step has refused its data."""
    failure = only(failures(*failed(recorded, hint="mend it")))

    assert failure.place is None
    assert (failure.message, failure.hint) == ("step 'trainer': no luck", "mend it")


def test_what_the_step_was_given_is_listed(recorded: Recorded) -> None:
    """Artifacts with their makers, and arguments; a file of the repository where one is named."""
    layout, run = failed(recorded)
    trainer = only(failures(layout, run))
    with (layout.run(run.id) / "events.jsonl").open("a") as stream:
        error = {"message": "step 'data': no", "hint": "", "frame": {}}
        events.write(stream, "step", step="data", state="failed", error=error)
    data, _ = failures(layout, run)

    assert [(given.step, given.uri) for given in trainer.inputs if given.name == "schema"] == [
        ("schema", str(recorded.uri("schema")))
    ]
    assert trainer.arguments == {}
    assert trainer.log == str(layout.run(run.id) / "trainer.log")
    assert [(given.name, given.type) for given in data.inputs] == [("data/table.csv", "file")]
    assert data.arguments == {"path": "data/table.csv"}


def test_what_was_mended_by_another_attempt_is_no_failure(recorded: Recorded) -> None:
    """Nor is a run that is complete."""
    layout, run = failed(recorded)
    with (layout.run(run.id) / "events.jsonl").open("a") as stream:
        events.write(stream, "step", step="trainer", state="complete")

    assert failures(layout, run) == []
    assert failures(layout, run._replace(state="complete")) == []


def test_a_run_without_a_plan_is_explained_by_what_is_left(recorded: Recorded) -> None:
    """Its plan may be of another release, or gone."""
    layout, run = failed(recorded, frame=FRAME)
    (layout.run(run.id) / "plan.json").unlink()
    failure = only(failures(layout, run))

    assert failure.place is not None
    assert (failure.inputs, failure.arguments) == ([], {})


def test_a_step_that_was_killed_has_no_traceback_to_look_at(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is complete can be gone on with; one that ended with its run is no failure."""
    layout, run = failed(recorded)
    with (layout.run(run.id) / "events.jsonl").open("a") as stream:
        error = {"message": "step 'trainer' was killed by SIGKILL", "hint": "", "traceback": ""}
        events.write(stream, "step", step="trainer", state="failed", error=error)
    show_failures(layout, run)

    assert capsys.readouterr().out.splitlines()[-2:] == [
        "  next       'zenrepo runs 1 --log trainer' prints what it printed before",
        "             'zenrepo runs resume 1' goes on with what is complete",
    ]
    assert failures(layout, run._replace(state="canceled")) == []


def test_what_trying_again_does_not_cure_is_said(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    """An argument stays wrong until somebody mends the file that it stands in."""
    layout, run = failed(recorded)
    with (layout.run(run.id) / "events.jsonl").open("a") as stream:
        error = {"message": "step 'trainer': 'epochs' must be at least 1, but is 0", "traceback": "T", "final": True}
        events.write(stream, "step", step="trainer", state="failed", error=error)
    show_failures(layout, run)

    assert capsys.readouterr().out.splitlines()[-2:] == [
        "             mend the pipeline file or the data, and commit it; what the steps before it made is used again",
        "             'zenrepo runs retry 1' tries the same commit once more, if data outside it was mended",
    ]


def test_all_of_it_is_told_in_a_few_lines(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    """The line is marked, control characters are escaped, and what to do next is said."""
    recorded.git.commit({"lib/shape.py": "def width():\n\treturn '\x1b[2J'\n"})
    number = recorded.run(NODES[:1], failing="trainer")
    layout, run = failed(recorded, number, frame={**FRAME, "line": 2})
    show_failures(layout, run)
    shown = capsys.readouterr().out.splitlines()

    assert shown[:5] == [
        "",
        "step 'trainer' failed",
        f"  lib/shape.py:2 in width, at {run.commit[:7]}",
        "    1 | def width():",
        "  > 2 |         return '\\x1b[2J'",
    ]
    assert f"  log        {layout.run(run.id)}/trainer.log" in shown
    assert shown[-3:] == [
        f"  next       'zenrepo runs {number} --log trainer' prints its log, with the whole traceback",
        "             mend lib/shape.py and commit it; what the steps before it made is used again",
        f"             'zenrepo runs retry {number}' tries the same commit once more",
    ]
