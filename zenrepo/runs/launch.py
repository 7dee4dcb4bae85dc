"""Start processes: the runner of a run, and the worker that outlives the command that asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from zenrepo.errors import ZenrepoError
from zenrepo.git.command import clean_environment
from zenrepo.layout import REPOSITORY, Layout
from zenrepo.runs import events, lease
from zenrepo.runs.staying import staying

ATTACHED = "--attached"
"""The word by which a runner learns that its standard input ends with the process that wants the run."""

NEEDED = "pip install 'zenrepo[tfx]'"
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONUNBUFFERED": "1"}


GRACE = 20.0
"""Seconds that a runner has to close what it began, before it is killed."""
_PAUSE = 0.1

Report = Callable[[dict[str, Any]], None]
Process = subprocess.Popen[bytes]


def run_plan(
    plan: Path, folder: Path, repository: Path, report: Report, guard: Callable[[Process], AbstractContextManager[None]]
) -> int:
    """Execute a plan in a process of its own, to its end.

    Whatever stops this process stops that one: an exception here asks it to end, and it notices a death by itself.

    Args:
        plan: the plan's file.
        folder: the run's folder: ``events.jsonl`` and ``runner.log`` are written there.
        repository: the repository's folder, where every process of the run finds pinned steps.
        report: called with each event.
        guard: makes what is entered with the process while it lives.

    Returns:
        The process's exit code; below 0, the signal that killed it.

    Raises:
        ZenrepoError: where TFX is not installed.
    """
    if find_spec("tfx") is None:
        raise ZenrepoError("a run executes on TFX, and this environment has no 'tfx'", NEEDED)
    with (
        (folder / "events.jsonl").open("w", encoding="utf-8") as kept,
        (folder / "runner.log").open("wb") as log,
        _start(plan, folder, repository, log) as process,
    ):

        def take_events() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                text = line.decode("utf-8", "replace")
                event = events.read(text)
                if event is not None:
                    kept.write(text)
                    kept.flush()
                    report(event)

        try:
            with guard(process):
                take_events()
                return process.wait()
        except BaseException:
            _stop(process)
            take_events()
            raise


def _start(plan: Path, folder: Path, repository: Path, log: BinaryIO) -> Process:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "zenrepo.runner", str(plan), ATTACHED],
        stdin=subprocess.PIPE,  # it says nothing; its end is that of this process
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=folder,  # not the checkout: a module of the user's must not stand in the way of one of TFX's
        env=clean_environment() | _QUIET | {REPOSITORY: str(repository)},
        start_new_session=True,  # Ctrl-C is for the worker, which tells the run
    )


def end_group(process: Process, number: int) -> None:
    """Send a signal to a runner and the processes of its group."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS gives the second for a group of zombies
            os.killpg(process.pid, number)


def _stop(process: Process) -> None:
    """End a runner: it is asked to, and killed when it takes too long or this process is interrupted once more."""
    end_group(process, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        end_group(process, signal.SIGKILL)
    except BaseException:
        end_group(process, signal.SIGKILL)
        raise


def end_orphan(runner: lease.Process) -> None:
    """End a runner whose worker is gone; it knows that, and is given time to close what it began."""
    until = time.monotonic() + GRACE
    while runner.lives and time.monotonic() < until:
        time.sleep(_PAUSE)
    if runner.lives:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(runner.pid, signal.SIGKILL)


def start_worker(layout: Layout) -> None:
    """Start a worker that goes on when the terminal closes; where one is at work already, it ends at once.

    Where one stays, none is started: it sees what is queued by itself.
    """
    if staying(layout):
        return
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
