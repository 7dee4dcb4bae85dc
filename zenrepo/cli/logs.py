"""What the steps of a run have printed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path

from zenrepo.cli.board import log_line
from zenrepo.cli.output import clean, say, show
from zenrepo.errors import UnknownName
from zenrepo.layout import Layout
from zenrepo.runs.journal import QUEUED, Run
from zenrepo.runs.watching.past import standing
from zenrepo.runs.watching.tail import attempt_log


def refuse_unknown(layout: Layout, run: Run, step: str) -> None:
    """Refuse the name of a step that a run does not have; before it has begun, nobody knows.

    Raises:
        UnknownName: with those near it.
    """
    names = list(standing(layout, run).steps)
    if names and step not in names:
        raise UnknownName("step", step, names, f"run {run.number} has {', '.join(names)}")


def show_logs(layout: Layout, run: Run, step: str | None) -> None:
    """Print the log of a step as it is; those of all steps with the name of the step in front of each line.

    Args:
        layout: of the repository.
        run: whose steps they are.
        step: one of them; all by default.
    """
    names = [step] if step else list(standing(layout, run).steps)
    there = [log for name in names for log in _logs(layout.run(run.id), name)]
    for title, file in there:
        _show(file, f"{clean(title)} | " if len(there) > 1 or step is None else "")
    if not there and run.state == QUEUED:
        say(f"run {run.number} waits, and has printed nothing yet; 'zenrepo runs {run.number} --follow' follows it")
    elif not there:
        what = f"step '{step}' of run {run.number}" if step else f"run {run.number}"
        say(f"{what} has no log: what was used again, or not run, has printed nothing")


def _logs(folder: Path, step: str) -> Iterator[tuple[str, Path]]:
    """List the logs of a step, those of attempts that failed before it first, with what each is called."""
    numbers = takewhile(lambda number: attempt_log(folder, step, number).exists(), count(1))
    yield from ((f"{step}, attempt {number}", attempt_log(folder, step, number)) for number in numbers)
    if (folder / f"{step}.log").exists():
        yield step, folder / f"{step}.log"


def _show(file: Path, prefix: str) -> None:
    with file.open("rb") as log:
        for line in log:
            show(f"{prefix}{log_line(line.decode('utf-8', 'replace').removesuffix(chr(10)))}".rstrip())
