"""Ask a warm parent to fork a process: the client's end of a request."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from zenrepo.runs.processes import lease

_PAUSE = 0.05
_LONG = 24 * 3600.0
"""Seconds that a socket is asked to wait at a time: it counts milliseconds, and not beyond 24 days."""


class Forked:
    """A process that a warm parent forks; it is one request, and one connection.

    Args:
        address: of the parent's socket.
        task: what the process does: ``conduct`` a run or perform a ``step``.
        environment: its environment variables.
        folder: its current folder.
        arguments: plain data for the task.
        files: descriptors that become its own standard input, output and error.

    Raises:
        EOFError: if nobody is behind the address any more.
    """

    def __init__(
        self,
        address: str,
        task: str,
        environment: Mapping[str, str],
        folder: str,
        arguments: Mapping[str, Any],
        files: Sequence[int] = (),
    ) -> None:
        request = {"task": task, "environment": dict(environment), "folder": folder, "arguments": arguments}
        data = json.dumps(request).encode("utf-8") + b"\n"
        self._socket = socket.socket(socket.AF_UNIX)
        self._buffer = bytearray()
        self._process: lease.Process | None = None
        self._status: int | None = None
        self.returncode: int | None = None
        try:
            self._socket.connect(address)
            sent = socket.send_fds(self._socket, [data], list(files))
            self._socket.sendall(data[sent:])
        except OSError as error:
            self._socket.close()
            raise EOFError(address) from error

    @property
    def pid(self) -> int:
        """The process's number, as soon as it has begun; it waits for the parent's imports.

        Raises:
            EOFError: if the parent ended before there was a process.
        """
        return self._begun().pid

    def _begun(self) -> lease.Process:
        if self._process is None:
            self._process = lease.process(int(self._line()["pid"]))
        return self._process

    def status(self) -> int:
        """Wait for the process's end, and give its status as ``os.waitpid`` does.

        Raises:
            EOFError: if the parent ended before it.
        """
        self.ends_within(None)
        assert self._status is not None
        return self._status

    def ends_within(self, seconds: float | None) -> bool:
        """Wait for the process's end for so long, and say whether it came.

        Args:
            seconds: from now on; ``None`` for as long as it takes.

        Raises:
            EOFError: if the parent ended before the process.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while self._status is None:
            self._begun()
            left = None if until is None else until - time.monotonic()
            try:
                self._socket.settimeout(left if left is None else min(max(left, 0.001), _LONG))
                self._status = int(self._line()["status"])
            except TimeoutError:
                if until is not None and time.monotonic() >= until:
                    return False
            except OSError as error:  # another thread has hung up
                raise EOFError from error
        return True

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process's end, as ``subprocess.Popen.wait`` does.

        Args:
            timeout: seconds.

        Returns:
            Its exit code; below 0, the signal that killed it.

        Raises:
            TimeoutExpired: of `subprocess`, when the time is over.
            EOFError: if the parent ended before the process, and so nobody knows how it ended; it has ended.
        """
        if self.returncode is None:
            try:
                if not self.ends_within(timeout):
                    raise subprocess.TimeoutExpired("zenrepo.runner", timeout or 0)
                self.returncode = os.waitstatus_to_exitcode(self.status())
            except EOFError:
                self._wait_alone(timeout)
                raise
        return self.returncode

    def _wait_alone(self, timeout: float | None) -> None:
        """Wait for a process whose parent is gone."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._process is not None and self._process.lives:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("zenrepo.runner", timeout or 0)
            time.sleep(_PAUSE)

    @property
    def lives(self) -> bool:
        """Whether the process is still there."""
        return self.returncode is None and self._process is not None and self._process.lives

    def close(self) -> None:
        """Hang up, from whichever thread; a step that still runs is ended by its parent."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer
        self._socket.close()

    def _line(self) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            try:
                data = self._socket.recv(1 << 12)
            except TimeoutError:
                raise
            except OSError as error:
                raise EOFError from error
            if not data:
                raise EOFError
            self._buffer += data
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer[:] = rest
        found: dict[str, Any] = json.loads(line)
        return found


def warm_up(address: str) -> None:
    """Have a parent begin to import, for a request that will come."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
        knock.connect(address)
