"""Start processes: the runner of a run, and the worker that outlives the command that asked for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zenrepo.errors import ZenrepoError
from zenrepo.git.command import clean_environment
from zenrepo.layout import REPOSITORY, Layout
from zenrepo.runs import events

NEEDED = "pip install 'zenrepo[tfx]'"
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONUNBUFFERED": "1"}


def run_plan(plan: Path, folder: Path, repository: Path, report: Callable[[dict[str, Any]], None]) -> int:
    """Execute a plan in a process of its own, to its end.

    Args:
        plan: the plan's file.
        folder: the run's folder: ``events.jsonl`` and ``runner.log`` are written there.
        repository: the repository's folder, where every process of the run finds pinned steps.
        report: called with each event.

    Returns:
        The process's exit code.

    Raises:
        ZenrepoError: where TFX is not installed.
    """
    if find_spec("tfx") is None:
        raise ZenrepoError("a run executes on TFX, and this environment has no 'tfx'", NEEDED)
    command = [sys.executable, "-W", "ignore", "-m", "zenrepo.runner", str(plan)]
    with (
        (folder / "events.jsonl").open("w", encoding="utf-8") as kept,
        (folder / "runner.log").open("wb") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,  # not the checkout: a module of the user's must not stand in the way of one of TFX's
            env=clean_environment() | _QUIET | {REPOSITORY: str(repository)},
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            text = line.decode("utf-8", "replace")
            event = events.read(text)
            if event is not None:
                kept.write(text)
                kept.flush()
                report(event)
    return process.returncode


def start_worker(layout: Layout) -> None:
    """Start a worker that goes on when the terminal closes; where one is at work already, it ends at once."""
    layout.private.mkdir(parents=True, exist_ok=True)
    with layout.worker_log.open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "zenrepo.cli", "-C", str(layout.root), "worker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=clean_environment(),
        )
