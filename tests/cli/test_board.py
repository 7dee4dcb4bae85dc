"""What a run looks like on a terminal, drawn from its events."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from zenrepo.cli.board import Board, log_line, waiting_line

Event = dict[str, Any]
STEPS = {"event": "run", "state": "running", "steps": [{"name": "data"}, {"name": "trainer"}], "time": 100.0}
DATA = {"event": "step", "step": "data", "state": "complete", "seconds": 1.25, "facts": {"rows": 1234}, "time": 101.0}
TRAINS = {"event": "step", "step": "trainer", "state": "running", "time": 102.0}


def epochs(done: float, at: float, total: float | None = 10) -> Event:
    """Say how many epochs are done, at a time."""
    return {"event": "progress", "step": "trainer", "done": done, "total": total, "unit": "epochs", "time": at}


def drawn(*events: Event, width: int = 100, **terminal: Any) -> str:
    """Draw a run after some events, ten and a half seconds after the trainer began."""
    board = Board("run 5 of 'tea'", clock=lambda: 112.5)
    for event in events:
        board.take(event)
    file = StringIO()
    Console(file=file, width=width, **terminal).print(board)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_a_step_that_runs_has_a_bar_its_time_and_its_pace() -> None:
    """Those that are done have what they found out; those that wait wait."""
    shown = drawn(STEPS, DATA, TRAINS, epochs(1, 104), epochs(5, 112)).splitlines()

    assert shown[0] == "✓ data         complete    1.2 s  rows 1234"
    assert shown[1] == f"⠋ trainer       {'━' * 20}{' ' * 20}    10.5 s  5 of 10 epochs  0.5/s"


@pytest.mark.parametrize("first", [{**epochs(900, 104), "unit": "rows read"}, epochs(9, 104)])
def test_what_is_counted_anew_has_its_own_pace(first: Event) -> None:
    """Be it something else, or the same once more."""
    shown = drawn(STEPS, TRAINS, first, epochs(1, 108), epochs(5, 112))

    assert "5 of 10 epochs  1/s" in shown


def test_a_step_that_says_nothing_has_its_time() -> None:
    """Before it has said how far it is, or where it never does."""
    assert drawn(STEPS, DATA, TRAINS).splitlines()[1].split() == ["⠋", "trainer", "10.5", "s"]
    assert drawn(STEPS).splitlines()[1].split() == ["·", "trainer", "waiting"]


def test_a_total_that_nobody_knows_is_not_shown() -> None:
    """The bar moves all the same."""
    assert "12,345 epochs" in drawn(STEPS, TRAINS, epochs(12345, 104, None))


def test_several_steps_may_run() -> None:
    """Each has a line of its own, and its name before what it prints."""
    other = {"event": "step", "step": "data", "state": "running", "time": 103.0}
    printed = [{"event": "log", "step": step, "text": f"{step} speaks"} for step in ("data", "trainer")]
    shown = drawn(STEPS, TRAINS, other, *printed)

    assert shown.splitlines()[2:] == ["  data | data speaks", "  trainer | trainer speaks"]
    assert shown.count("⠋") == 2


def test_a_narrow_terminal_leaves_out_what_has_no_room() -> None:
    """First the bar and the pace; a long line of a log ends in dots."""
    long = {"event": "log", "step": "trainer", "text": "loss " * 50}
    shown = drawn(STEPS, TRAINS, epochs(1, 104), epochs(5, 112), long, width=50).splitlines()

    assert shown[1].split() == ["⠋", "trainer", "10.5", "s", "5", "of", "10", "epochs"]
    assert all(len(line) <= 50 for line in shown)
    assert shown[2].endswith("…")


def test_the_last_lines_of_a_step_stay_until_it_ends() -> None:
    """Five at the most."""
    lines = [{"event": "log", "step": "trainer", "text": f"line {number}"} for number in range(9)]
    ended = {"event": "step", "step": "trainer", "state": "failed", "seconds": 3.0, "time": 112.0}

    assert drawn(STEPS, TRAINS, *lines).splitlines()[2:] == [f"  line {number}" for number in range(4, 9)]
    assert drawn(STEPS, TRAINS, *lines, ended).splitlines()[1:] == ["✗ trainer      failed      3.0 s"]


def test_another_attempt_says_why() -> None:
    """And which one it is."""
    told = {"step": "trainer", "attempts": 3, "time": 102.0}
    error = {"message": "step 'trainer': the net is down (lib/a.py:3 in load)\nmore"}
    failed = {"event": "step", "state": "retrying", "attempt": 1, "wait": 11.2, "seconds": 3.0, "error": error, **told}
    again = {"event": "step", "state": "running", "attempt": 2, **told}

    assert drawn(STEPS, TRAINS, failed, width=120).splitlines()[1] == (
        "↻ trainer      retrying    3.0 s  attempt 1 of 3 failed: the net is down (lib/a.py:3 in load); again in 11.2 s"
    )
    assert "attempt 2 of 3" in drawn(STEPS, TRAINS, failed, again)


def test_colours_are_for_those_who_want_them() -> None:
    """``NO_COLOR`` has none."""
    yellow = "\x1b[33m"

    assert yellow in drawn(STEPS, TRAINS, force_terminal=True, color_system="standard")
    assert yellow not in drawn(STEPS, TRAINS, force_terminal=True, color_system="standard", no_color=True)


@pytest.mark.parametrize(
    ("place", "running", "words"),
    [
        (1, [], "run 5 waits for its turn"),
        (1, [3], "run 5 waits for run 3 of 'tea'"),
        (2, [3, 4], "run 5 waits for run 3 of 'tea' and run 4 of 'tea' and 1 queued before it"),
        (3, [], "run 5 waits for 2 runs queued before it"),
        (2, [], "run 5 waits for 1 run queued before it"),
    ],
)
def test_a_run_says_what_it_waits_for(place: int, running: list[int], words: str) -> None:
    """Those that run, and those that were queued before."""
    event = {"event": "queued", "place": place, "running": [{"run": n, "pipeline": "tea"} for n in running]}

    assert waiting_line("run 5", event) == words
    assert words.removeprefix("run 5") in drawn(event)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("epoch 1\t2", "epoch 1 2"),
        ("10%\r50%\r100%\r", "100%"),
        ("\x1b[2J\x07loud", "\\x1b[2J\\x07loud"),
        ("\u202eabc  ", "\\u202eabc"),
    ],
)
def test_a_log_steers_no_terminal(text: str, line: str) -> None:
    """What was written over is left out, tabs are spaces, and the rest is escaped."""
    assert log_line(text) == line
