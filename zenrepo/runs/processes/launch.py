"""Start the runner of a run, and end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from zenrepo.errors import RunFailed, ZenrepoError
from zenrepo.git.command import clean_environment
from zenrepo.layout import REPOSITORY
from zenrepo.runs import events
from zenrepo.runs.processes import lease
from zenrepo.runs.processes.forked import Forked
from zenrepo.runs.processes.parents import LIGHT, Address

ATTACHED = "--attached"
"""The word by which a runner learns that its standard input ends with the process that wants the run."""

NEEDED = "pip install 'zenrepo[tfx]'"
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONUNBUFFERED": "1"}


GRACE = 20.0
"""Seconds that a runner has to close what it began, before it is killed."""
_PAUSE = 0.1

Report = Callable[[dict[str, Any]], None]


class Process(Protocol):
    """A runner: one that was started, or one that a warm parent forked."""

    @property
    def pid(self) -> int:
        """Its number, which is that of its group too."""

    @property
    def returncode(self) -> int | None:
        """How it ended; ``None`` as long as nobody knows that it has."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, as ``subprocess.Popen.wait`` does."""


class Warm(NamedTuple):
    """How a warm parent is asked for a runner.

    Args:
        addresses: of the parents, by kind.
        environment: the run's variables.
        jobs: how many of its steps work at a time.
    """

    addresses: Mapping[str, Address]
    environment: Mapping[str, str]
    jobs: int


def run_plan(
    plan: Path,
    folder: Path,
    repository: Path,
    report: Report,
    guard: Callable[[Process], AbstractContextManager[None]],
    warm: Warm | None = None,
) -> int:
    """Execute a plan in a process of its own, to its end.

    Whatever stops this process stops that one: an exception here asks it to end, and it notices a death by itself.

    Args:
        plan: the plan's file.
        folder: the run's folder: ``events.jsonl`` and ``runner.log`` are written there.
        repository: the repository's folder, where every process of the run finds pinned steps.
        report: called with each event.
        guard: makes what is entered with the process while it lives.
        warm: how a warm parent is asked to fork the process; without, one is started.

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
        _start(plan, folder, repository, log, warm) as process,
    ):
        last = ""

        def take_events() -> None:
            nonlocal last
            assert process.stdout is not None
            for line in process.stdout:
                text = line.decode("utf-8", "replace")
                event = events.read(text)
                if event is not None:
                    last = event["state"] if event["event"] == "run" else last
                    kept.write(text)
                    kept.flush()
                    report(event)

        try:
            with guard(process):
                take_events()
                return process.wait()
        except EOFError:  # its parent was killed, and cannot say how it ended; it has said so itself, or was killed too
            return {"complete": 0, "failed": RunFailed.exit_code}.get(last, -signal.SIGKILL)
        except BaseException:
            _stop(process)
            take_events()
            raise


def _start(
    plan: Path, folder: Path, repository: Path, log: BinaryIO, warm: Warm | None
) -> subprocess.Popen[bytes] | _Forked:
    more = _QUIET | {REPOSITORY: str(repository)}
    if warm is not None:
        warm = warm._replace(environment={**warm.environment, **more})
        for _ in range(2):  # the first may have asked a parent that was about to end
            with suppress(EOFError):
                return _Forked(plan, folder, log, warm)
        raise ZenrepoError("the runner could not be started", f"see {warm.addresses[LIGHT].log}")
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "zenrepo.runner", str(plan), ATTACHED],
        stdin=subprocess.PIPE,  # it says nothing; its end is that of this process
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=folder,  # not the checkout: a module of the user's must not stand in the way of one of TFX's
        env=clean_environment() | more,
        start_new_session=True,  # Ctrl-C is for the worker, which tells the run
    )


class _Forked(Forked):
    """A runner that a warm parent forks, with pipes as a process that was started has them.

    Raises:
        EOFError: if the parent ended before it.
    """

    def __init__(self, plan: Path, folder: Path, log: BinaryIO, warm: Warm) -> None:
        stdin, self._stdin = os.pipe()
        out, stdout = os.pipe()
        self.stdout = os.fdopen(out, "rb")
        arguments = {"plan": str(plan), "attached": True, "parents": warm.addresses, "jobs": warm.jobs}
        socket = warm.addresses[LIGHT].socket
        try:
            super().__init__(socket, "conduct", warm.environment, str(folder), arguments, [stdin, stdout, log.fileno()])
            _ = self.pid
        except EOFError:
            self.__exit__()
            raise
        finally:
            os.close(stdin)
            os.close(stdout)

    def __enter__(self) -> _Forked:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._stdin)
        self.stdout.close()
        self.close()


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
