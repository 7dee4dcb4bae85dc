"""Tell a user that a run has ended, by a command of the user's own settings.

The command comes from no repository, and runs in the user's home folder: what a repository holds is never run by it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

from zenrepo.durations import duration_text
from zenrepo.errors import PipelineFileError
from zenrepo.git.command import clean_environment
from zenrepo.layout import Layout
from zenrepo.runs import events
from zenrepo.runs.journal import COMPLETE, Journal, Run
from zenrepo.runs.watching.past import past
from zenrepo.runs.watching.standing import ended
from zenrepo.user_config import load

ON_SUCCESS: Final = "on_success"
ON_FAILURE: Final = "on_failure"
NOTIFIED: Final = "notified"
"""The event that says what became of a command."""

LATEST: Final = 86_400.0
"""Seconds after its end when a run is news no more."""

PATIENCE: Final = 60.0
"""Seconds after which a command is ended."""

_LONGEST: Final = 10_000
"""Characters of a variable; the system takes no more than 128 kB. Standard input has all."""


class Notifier:
    """Tells of runs that have ended, from threads: no run waits for it, and the process ends when they have.

    Args:
        layout: of the repository.
        complain: told what is wrong with the user's settings or with a command.
        patience: seconds that a command may take.
    """

    def __init__(self, layout: Layout, complain: Callable[[str], object], patience: float = PATIENCE) -> None:
        self._layout = layout
        self._complain = complain
        self._patience = patience
        self._threads: list[Thread] = []

    def wait(self) -> None:
        """Wait until all is told."""
        while self._threads:
            self._threads.pop().join()

    def tell(self, journal: Journal) -> None:
        """Tell of every run that has ended and that nobody has told of, those of dead workers too.

        While the user's settings cannot be read it is not known how; then it is told when they are mended, of what has
        ended since the day before.
        """
        if not journal.untold():
            return
        try:
            config = load()
        except PipelineFileError as error:
            self._complain(str(error))
            return
        for run in map(journal.run, journal.take_untold()):
            if run.ended and run.ended < time.time() - LATEST:
                continue
            on = ON_SUCCESS if run.state == COMPLETE else ON_FAILURE
            if command := getattr(config, on):
                thread = Thread(target=self._notify, args=(run, on, command))
                thread.start()
                self._threads.append(thread)

    def _notify(self, run: Run, on: str, command: str | list[str]) -> None:
        layout = self._layout._replace(folder=run.root)
        try:
            problem = notify(layout, run, command, self._patience)
            with (layout.run(run.id) / "events.jsonl").open("a", encoding="utf-8") as kept:
                events.write(kept, NOTIFIED, on=on, problem=problem)
        except OSError as error:  # the disk is full, or the run's folder gone
            problem = f"could not be run: {error}"
        if problem:
            self._complain(f"the command '{on}' for run {run.number} of '{run.pipeline}' {problem}")


def notify(layout: Layout, run: Run, command: str | list[str], patience: float = PATIENCE) -> str:
    """Run a command that tells of a run, to its end.

    Args:
        layout: of the repository.
        run: that has ended.
        command: a list of words, or a text for the shell.
        patience: seconds that it may take.

    Returns:
        What went wrong; empty where all is well. What the command prints is in ``notify.log`` in the run's folder.
    """
    folder = layout.run(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    facts = facts_of(layout, run)
    home = Path.home()
    with (folder / "notify.log").open("wb") as log:
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command] if isinstance(command, str) else command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=home if home.is_dir() else "/",
                env=clean_environment() | _variables(facts),
                start_new_session=True,
            )
        except OSError as error:
            return f"could not be started: {error.strerror}: '{error.filename}'"
        try:
            process.communicate(json.dumps(facts, ensure_ascii=False).encode(errors="replace"), patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):  # macOS gives the second for a group of zombies
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"took longer than {duration_text(patience)}, and was ended"
    return f"ended with exit status {process.returncode}: see '{log.name}'" if process.returncode else ""


def facts_of(layout: Layout, run: Run) -> dict[str, Any]:
    """Say what a command is told of a run, as its standard input has it."""
    message, _, hint = run.message.partition("\nhint: ")
    last = {event["step"]: ended(event, run.state) for event in past(layout, run.id) if event.get("event") == "step"}
    return {
        "run": run.number,
        "name": run.options.name,
        "pipeline": run.pipeline,
        "commit": run.commit,
        "state": run.state,
        "message": message,
        "hint": hint,
        "reason": run.reason,
        "seconds": round(max(0.0, run.ended - run.started), 1) if run.ended and run.started else 0.0,
        "repository": run.root,
        "folder": str(layout.run(run.id)),
        "queued": run.queued,
        "started": run.started,
        "ended": run.ended,
        "steps": [
            {"step": name, "state": event.get("state"), "seconds": event.get("seconds"), "facts": event.get("facts")}
            for name, event in last.items()
        ],
    }


VARIABLES: Final = (
    *("run", "name", "pipeline", "commit", "state", "message", "hint", "reason", "seconds", "repository", "folder"),
)
"""The facts that a command has as variables too: ``ZENREPO_RUN`` and so on."""


def _variables(facts: dict[str, Any]) -> dict[str, str]:
    return {f"ZENREPO_{name.upper()}": str(facts[name]).replace("\0", "")[:_LONGEST] for name in VARIABLES}
