"""A run as it moves on a terminal: its steps, bars for those that run, and the last that they printed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from zenrepo.cli.output import clean, duration
from zenrepo.cli.step_line import MARKS, amount, attempt, count, step_line
from zenrepo.runs.watching.standing import MOVING, Standing

LINES = 5
"""Lines of a step's log that are shown below the steps."""
NARROW, WIDEST_BAR = 60, 40
"""Columns: below the first there are neither bars nor rates; a bar takes no more than the second."""
_SPIN = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Board:
    """What is drawn; it draws itself anew whenever the terminal asks.

    Args:
        title: what the run is called, in what is said while it waits.
        clock: tells the seconds since 1970.
    """

    def __init__(self, title: str, clock: Callable[[], float] = time.time) -> None:
        self._title, self._clock = title, clock
        self._standing = Standing()
        self._printed: deque[tuple[str, str]] = deque(maxlen=LINES)

    def take(self, event: dict[str, Any]) -> None:
        """Take in an event of the run."""
        if event["event"] == "log":
            line = log_line(event["text"])
            if line:
                self._printed.append((event["step"], line))
            return
        self._standing.take(event)
        if event["event"] == "step" and event["state"] != MOVING:
            kept = [(step, line) for step, line in self._printed if step != event["step"]]
            self._printed = deque(kept, maxlen=LINES)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw."""
        if not self._standing.steps:
            yield Text(f"{self._spinner()} {waiting_line(self._title, self._standing.queued)}")
            return
        table = Table.grid()
        for name, event in list(self._standing.steps.items()):
            moves = event["state"] == MOVING
            table.add_row(self._moving(name, event, options.max_width) if moves else step_line(event))
        yield table
        several = len({step for step, _ in self._printed}) > 1
        for step, line in list(self._printed):
            text = f"  {clean(step)} | {line}" if several else f"  {line}"
            yield Text(text, "dim", no_wrap=True, overflow="ellipsis")

    def _moving(self, name: str, event: dict[str, Any], width: int) -> Table:
        """Draw a step that runs."""
        now = self._clock()
        elapsed = duration(max(0.0, now - event.get("time", now)))
        progress = self._standing.progress.get(name)
        row: list[Any] = [Text(f"{self._spinner()} {clean(name):<12}", MARKS[MOVING][1]), Text(f"{elapsed:>8}")]
        if event.get("attempt", 1) > 1:
            row.append(Text(attempt(event)))
        if progress:
            row.append(Text(amount(progress)))
            if width >= NARROW:
                row.insert(1, self._bar(progress, min(WIDEST_BAR, width - NARROW + 10)))
                rate = self._standing.rate(name)
                row.append(Text(f"{count(float(f'{rate:.3g}'))}/s" if rate else "", "dim"))
        table = Table.grid(padding=(0, 2, 0, 0))
        for _ in row:
            table.add_column(no_wrap=True)
        table.add_row(*row)
        return table

    def _bar(self, progress: dict[str, Any], width: int) -> ProgressBar:
        total = progress["total"]
        return ProgressBar(total, min(progress["done"], total or 0), width, pulse=total is None)

    def _spinner(self) -> str:
        return _SPIN[int(self._clock() * 8) % len(_SPIN)]


def waiting_line(title: str, queued: dict[str, Any] | None) -> str:
    """Say what a run waits for.

    Args:
        title: what the run is called.
        queued: the newest event of its waiting, if there is one.
    """
    if queued is None:
        return f"{title} begins"
    found = [f"run {other['run']} of '{clean(other['pipeline'])}'" for other in queued["running"]]
    before = queued["place"] - 1
    if before:
        found.append(f"{before} queued before it" if found else f"{before} run{'s'[: before > 1]} queued before it")
    return f"{title} waits for {' and '.join(found) if found else 'its turn'}"


def log_line(text: str) -> str:
    """Write a line of a log as a terminal would show it in the end: without what was written over, tabs as spaces."""
    return clean(text.rstrip("\r").rpartition("\r")[2].expandtabs()).rstrip()
