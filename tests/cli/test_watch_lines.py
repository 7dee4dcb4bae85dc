"""What following a run prints in a pipe."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.cli.watch import _print_lines
from zenrepo.runs.journal import Run

RUN = Run(5, "tea", "c" * 40, "/", "asked for", True, "running", "", 0.0, 1.0, None)


def step(state: str, at: float, **data: Any) -> dict[str, Any]:
    """Make an event of the step that brews."""
    return {"event": "step", "step": "brew", "state": state, "time": at, **data}


def cups(done: int, at: float) -> dict[str, Any]:
    """Say how many cups are brewed."""
    return {"event": "progress", "step": "brew", "done": done, "total": 100, "unit": "cups", "time": at}


def test_a_line_comes_for_each_step_that_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, for whoever reads the pipe."""
    _print_lines(RUN, [step("running", 0), cups(1, 1), step("complete", 2, seconds=2.0, facts={"cups": 100})])
    said = capsys.readouterr()

    assert said.out == "✓ brew         complete    2.0 s  cups 100\n"
    assert said.err == ""


@pytest.mark.parametrize(
    ("state", "shown"), [("canceled", "stopped"), ("interrupted", "stopped"), ("failed", "failed")]
)
def test_a_step_that_ended_with_its_run_was_stopped(capsys: pytest.CaptureFixture[str], state: str, shown: str) -> None:
    """It did not fail; one that was killed alone did."""
    error = {"message": "the run was stopped", "hint": "", "traceback": ""}
    _print_lines(RUN, [step("failed", 2, seconds=2.0, error=error), {"event": "end", "state": state, "time": 2}])

    assert capsys.readouterr().out == f"✗ brew         {shown:<9}   2.0 s\n"


def test_now_and_then_it_is_said_how_far_a_step_is(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, every ten seconds."""
    _print_lines(RUN, [step("running", 0), *(cups(second, second) for second in range(1, 26))])
    said = capsys.readouterr()

    assert said.err == "> brew         running    10 of 100 cups\n> brew         running    20 of 100 cups\n"
    assert said.out == ""


def test_a_run_that_waits_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless its turn is next."""
    queued = {"event": "queued", "run": 5, "time": 0.0}
    others = [{"run": 3, "pipeline": "coffee"}]
    _print_lines(RUN, [{**queued, "place": 2, "running": others}, {**queued, "place": 1, "running": []}])

    assert capsys.readouterr().err == "run 5 waits for run 3 of 'coffee' and 1 queued before it\n"


def test_what_steps_print_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """By the name of the step in front."""
    _print_lines(RUN, [{"event": "log", "step": "brew", "text": "hot\t\x07", "time": 0.0}])

    assert capsys.readouterr().out == "brew | hot     \\x07\n"
