"""Who executes a run, in words that stay true when a process dies, its number is taken, or the machine restarts."""

from __future__ import annotations

import os
import sys
import time

from zenrepo.values import NamedTuple

FRESH = 120.0
"""Seconds without a heartbeat after which a process of another machine counts as dead."""


class Process(NamedTuple):
    """A process of this machine.

    Args:
        pid: its number, which another process has later.
        born: when it started, as the system counts; empty where no such process lives.
    """

    pid: int
    born: str

    @property
    def lives(self) -> bool:
        """Whether it is still there, and no other process under its number."""
        return bool(self.born) and born(self.pid) == self.born


class Lease(NamedTuple):
    """The hold of a worker on a run.

    Args:
        run: the run's number.
        host: the worker's machine or container, see `host`.
        boot: which start of that machine.
        worker: the worker's process.
        runner: the process of the run itself; number 0 before there is one.
        heartbeat: when the worker last said that it lives, in seconds since 1970.
    """

    run: int
    host: str
    boot: str
    worker: Process
    runner: Process
    heartbeat: float

    @property
    def is_here(self) -> bool:
        """Whether its processes can be asked about: this machine, which has not restarted since."""
        return self.host == host() and self.boot == boot()

    @property
    def holds(self) -> bool:
        """Whether the worker lives."""
        if self.host != host():
            return abs(time.time() - self.heartbeat) < FRESH
        return self.is_here and self.worker.lives


def host() -> str:
    """Name this machine, or this container: what has numbers of processes of its own."""
    name = os.uname().nodename
    try:
        return f"{name} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115  (hooks import this)
    except OSError:  # no Linux
        return name


def boot() -> str:
    """Name this start of the machine."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123  (hooks import this)
            return file.read().strip()
    except OSError:
        return _asked("sysctl", "-n", "kern.boottime")


def born(pid: int) -> str:
    """Say when a process started, in a form that only equals itself; empty where it is not there or a zombie."""
    if not sys.platform.startswith("linux"):
        return _asked("ps", "-o", "lstart=", "-p", str(pid))
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  (likewise)
            state, *fields = file.read().rpartition(")")[2].split()  # its name stands in front
    except OSError:
        return ""
    return "" if state in "ZX" else fields[18]


def process(pid: int) -> Process:
    """Describe a process that lives."""
    return Process(pid, born(pid))


def _asked(*command: str) -> str:
    import subprocess  # noqa: PLC0415  (it costs a hook 10 ms, and Linux needs none)

    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
