"""Show a run: live on a terminal, a line an event in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from zenrepo.cli.board import Board, log_line, waiting_line
from zenrepo.cli.failed import show_failures
from zenrepo.cli.output import clean, commit_name, duration, say, show
from zenrepo.cli.step_line import step_line
from zenrepo.errors import RunFailed
from zenrepo.flows.answers.failures import failures
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, COMPLETE, ENDED, Journal, Run
from zenrepo.runs.watching.follow import follow
from zenrepo.runs.watching.standing import MOVING, Standing, ended, was_stopped

out = Console(highlight=False, soft_wrap=True)
_EVERY = 10.0
"""Seconds between two lines, in a pipe, that say how far a step is."""


def watch(
    layout: Layout,
    journal: Journal,
    number: int,
    *,
    step: str | None = None,
    logs: bool = False,
    as_json: bool = False,
) -> None:
    """Show a run until it has ended; an interrupt stops the showing, not the run.

    Args:
        layout: of the repository.
        journal: with the run.
        number: of the run.
        step: show this one alone; all by default.
        logs: whether to print what its steps print.
        as_json: whether to print its events, one a line, and nothing else.
    """
    run = journal.run(number)
    told = follow(layout, journal, number, logs=logs or (out.is_terminal and not as_json))
    events = (event for event in told if step is None or event.get("step", step) == step)
    try:
        if as_json:
            _print_events(layout, journal, run, events)
        elif out.is_terminal:
            _draw(run, events, logs=logs)
        else:
            _print_lines(run, events)
    except KeyboardInterrupt:
        say(f"run {number} goes on; follow it again with 'zenrepo runs {number} --follow'")
        raise
    if not as_json:
        show_failures(layout, journal.run(number), step)


def _print_events(layout: Layout, journal: Journal, run: Run, events: Iterable[dict[str, Any]]) -> None:
    for event in events:
        if event["event"] == "end":
            event["failures"] = [failure.plain() for failure in failures(layout, journal.run(run.number))]
        show(json.dumps(event, ensure_ascii=False))
        sys.stdout.flush()


def _print_lines(run: Run, events: Iterable[dict[str, Any]]) -> None:
    """Print a line for each step that has ended, and say now and then how far those are that run."""
    said: dict[str, float] = {}
    unsure: list[dict[str, Any]] = []
    for event in events:
        step = event.get("step", "")
        if event["event"] == "log":
            _print_log(event)
        elif event["event"] == "step" and event["state"] != MOVING:
            if unsure or was_stopped(event, CANCELED):
                unsure.append(event)  # the end tells whether the step failed or was stopped
            else:
                out.print(step_line(event))
        elif event["event"] == "end":
            for told in unsure:
                out.print(step_line(ended(told, event["state"])))
        elif event["event"] == "step":
            said[step] = event["time"]
        elif event["event"] == "progress" and event["time"] - said.get(step, 0.0) >= _EVERY:
            said[step] = event["time"]
            say(step_line({"step": step, "state": MOVING}, event).plain)
        elif event["event"] == "queued" and (event["running"] or event["place"] > 1):
            say(waiting_line(f"run {run.number}", event))


def _print_log(event: dict[str, Any]) -> None:
    show(f"{clean(event['step'])} | {log_line(event['text'])}".rstrip())
    sys.stdout.flush()


def _draw(run: Run, events: Iterable[dict[str, Any]], *, logs: bool) -> None:
    board = Board(f"run {run.number} of '{clean(run.pipeline)}'")
    with Live(board, console=out, refresh_per_second=8) as live:
        for event in events:
            board.take(event)
            if logs and event["event"] == "log":
                live.console.print(Text(f"{clean(event['step'])} | {log_line(event['text'])}", "dim"))


def show_steps(standing: Standing, only: str | None = None) -> None:
    """Print how far each step of a run is, or came, or one of them."""
    for name, step in standing.steps.items():
        if only in (None, name):
            out.print(step_line(step, standing.progress.get(name) if step["state"] == MOVING else None))


def finish(run: Run, *, quiet: bool = False) -> None:
    """Say how a run ended.

    Args:
        run: one that has ended, or not.
        quiet: whether to say it by the exit code alone, for events have said it.

    Raises:
        RunFailed: if it did not come to a good end.
    """
    if quiet and run.state != COMPLETE:
        raise typer.Exit(RunFailed.exit_code)
    if run.state == COMPLETE and not quiet:
        took = duration((run.ended or 0) - (run.started or 0))
        say(f"run {run.number} of '{run.pipeline}' is complete: {took}")
    elif run.state in ENDED:
        message, _, hint = run.message.partition("\nhint: ")
        raise RunFailed(
            f"run {run.number} of '{run.pipeline}' at {commit_name(run)} {run.state}: {message}",
            hint or f"'zenrepo runs resume {run.number}' goes on with it",
        )
