"""What is said of a step that failed: where, with what, and what to do next."""

from __future__ import annotations

from typing import Any

from zenrepo.cli.output import clean, commit_name, show
from zenrepo.flows.answers.failures import Failure, Given, Place, failures
from zenrepo.layout import Layout
from zenrepo.runs.journal import Run

_LONGEST = 100
"""Characters of an argument that are shown."""


def show_failures(layout: Layout, run: Run, only: str | None = None) -> None:
    """Print where and with what each step of a run failed that did; its message is for `finish` to say.

    Args:
        layout: of the repository.
        run: one that has ended.
        only: this step alone; all by default.
    """
    for failure in failures(layout, run):
        if only in (None, failure.step):
            show()
            _show(failure, run)


def _show(failure: Failure, run: Run) -> None:
    show(f"step '{clean(failure.step)}' failed")
    if failure.place:
        _show_place(failure.place, run)
    parts = [
        ("arguments", [f"{clean(name)}: {_short(value)}" for name, value in failure.arguments.items()]),
        ("given", [_given(given) for given in failure.inputs]),
        ("log", [clean(failure.log)]),
        ("next", _next(failure, run)),
    ]
    for head, rows in parts:
        for number, row in enumerate(rows):
            show(f"  {head if number == 0 else '':<10} {row}")


def _show_place(place: Place, run: Run) -> None:
    """Print the user's line with those around it."""
    at = commit_name(run) if place.commit == run.commit else f"{place.commit[:7]}, to which the step is pinned"
    show(f"  {clean(place.file)}:{place.line} in {clean(place.function)}, at {at}")
    width = len(str(max(place.source, default=0)))
    for number, text in place.source.items():
        mark = ">" if number == place.line else " "
        show(f"  {mark} {number:>{width}} | {clean(text.expandtabs())}".rstrip())


def _given(given: Given) -> str:
    rows = ", ".join(f"{clean(split)} {count}".strip() for split, count in given.rows.items())
    said = f", {rows} rows" if rows else ""
    maker = f" of '{clean(given.step)}'" if given.step else ""
    uri = f": {clean(given.uri)}" if given.uri else ""
    return f"{clean(given.name)}{maker}{said}{uri}"


def _next(failure: Failure, run: Run) -> list[str]:
    """Say what a user can do."""
    number = run.number
    log = f"'zenrepo runs {number} --log {clean(failure.step)}' prints"
    if failure.was_ended:  # no line of anybody's is to blame
        return [f"{log} what it printed before", f"'zenrepo runs resume {number}' goes on with what is complete"]
    found = [f"{log} its log, with the whole traceback"]
    place = failure.place
    if place and place.commit == run.commit:
        found.append(f"mend {clean(place.file)} and commit it; what the steps before it made is used again")
    elif place:
        found.append(f"the step is pinned to {place.commit[:7]}: mend it, commit it, and pin that commit")
    elif failure.is_final:
        found.append("mend the pipeline file or the data, and commit it; what the steps before it made is used again")
    use = ", if data outside it was mended" if failure.is_final else ""
    return [*found, f"'zenrepo runs retry {number}' tries the same commit once more{use}"]


def _short(value: Any) -> str:
    text = clean(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
