"""Show a run: live on a terminal, a line an event in a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from zenrepo.cli.output import clean, commit_name, duration, lines, say, show
from zenrepo.errors import RunFailed
from zenrepo.flows.compare import compared
from zenrepo.layout import Layout
from zenrepo.pipelines.comparison import Comparison
from zenrepo.runs.follow import follow
from zenrepo.runs.journal import COMPLETE, ENDED, Journal, Run

out = Console(highlight=False, soft_wrap=True)
_MARKS = {
    "complete": ("✓", "green"),
    "cached": ("=", "cyan"),
    "failed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "waiting": ("·", "dim"),
    "running": (">", "yellow"),
}


def watch(layout: Layout, journal: Journal, number: int) -> None:
    """Show a run until it has ended; an interrupt stops the showing, not the run."""
    run = journal.run(number)
    try:
        if out.is_terminal:
            _watch_live(layout, journal, run)
        else:
            for event in follow(layout, journal, number):
                if event["event"] == "step" and event["state"] != "running":
                    out.print(_line(event), highlight=False)
    except KeyboardInterrupt:
        say(f"run {number} goes on; follow it again with 'zenrepo runs {number} --follow'")
        raise


def watch_all(layout: Layout, runs: Sequence[Run]) -> None:
    """Show runs until they have ended, and of several a table in the end.

    Raises:
        RunFailed: if one did not come to a good end.
    """
    with Journal(layout.runs_db) as journal:
        for run in runs:
            if len(runs) > 1:
                say(f"run {run.number}: {run.options.name}")
            watch(layout, journal, run.number)
            if len(runs) == 1:
                finish(journal.run(run.number))
        ended = [journal.run(run.number) for run in runs]
    if len(ended) > 1:
        show(lines(str(Comparison(compared(layout, ended)))))
        _refuse_failed(ended)


def _refuse_failed(ended: Sequence[Run]) -> None:
    failed = [str(run.number) for run in ended if run.state != COMPLETE]
    if failed:
        raise RunFailed(
            f"{len(failed)} of {len(ended)} runs came to no good end: {', '.join(failed)}",
            f"'zenrepo runs {failed[0]}' says why",
        )


def _watch_live(layout: Layout, journal: Journal, run: Run) -> None:
    steps: dict[str, dict[str, Any]] = {}
    waiting = Spinner("dots", Text(f"run {run.number} of '{run.pipeline}' waits for its turn"))
    with Live(waiting, console=out, refresh_per_second=8) as live:
        for event in follow(layout, journal, run.number):
            _take(steps, event)
            live.update(_table(steps.values()))


def _take(steps: dict[str, dict[str, Any]], event: dict[str, Any]) -> None:
    if event["event"] == "run":
        for step in event.get("steps", []):
            steps[step["name"]] = {"step": step["name"], "state": "waiting"}
    elif event["event"] == "step":
        steps[event["step"]] = event


def show_steps(events: Iterable[dict[str, Any]]) -> None:
    """Print how far each step of a run came."""
    steps: dict[str, dict[str, Any]] = {}
    for event in events:
        _take(steps, event)
    for step in steps.values():
        out.print(_line(step))


def _table(steps: Iterable[dict[str, Any]]) -> Table:
    table = Table.grid()
    for step in steps:
        line: Any = _line(step)
        if step["state"] == "running":
            line = Spinner("dots", Text(f" {step['step']}"))
        table.add_row(line)
    return table


def _line(event: dict[str, Any]) -> Text:
    """Write a step in a line: mark, name, state, time, and what is worth knowing of it."""
    mark, style = _MARKS.get(event["state"], ("?", ""))
    text = Text.assemble((mark, style), f" {clean(event['step']):<12} {event['state']:<9}")
    if "seconds" in event:
        text.append(f"{duration(event['seconds']):>8}")
    facts = "  ".join(f"{clean(k)} {clean(_short(v))}" for k, v in (event.get("facts") or {}).items())
    if facts:
        text.append(f"  {facts}", "dim")
    return text


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict) and len(value) > 8 and all(isinstance(v, str) for v in value.values()):
        return ", ".join(f"{count} {what}" for what, count in Counter(map(_short, value.values())).items())
    if isinstance(value, dict):
        return ", ".join(f"{k} {_short(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)


def finish(run: Run) -> None:
    """Say how a run ended.

    Raises:
        RunFailed: if it did not come to a good end.
    """
    if run.state == COMPLETE:
        took = duration((run.ended or 0) - (run.started or 0))
        say(f"run {run.number} of '{run.pipeline}' is complete: {took}")
    elif run.state in ENDED:
        message, _, hint = run.message.partition("\nhint: ")
        raise RunFailed(
            f"run {run.number} of '{run.pipeline}' at {commit_name(run)} {run.state}: {message}",
            hint or f"'zenrepo runs {run.number}' shows its steps",
        )
