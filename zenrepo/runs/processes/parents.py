"""The warm parents: processes that have imported what runs need, and fork a child for each request.

Each has a socket that is there before it is: the first connection starts the process, the next one after its end
another. A thread of their owner sees to that; they end with it.
"""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import NamedTuple

from zenrepo.runs.processes.sockets import Sockets

LIGHT, HEAVY = "light", "heavy"
"""The kinds: one without TensorFlow and Beam, and one with all."""

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # no notices of the machine in the steps' logs
    "TF_ENABLE_ONEDNN_OPTS": "0",  # sums that are the same on every processor
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS ends a forked child otherwise
}
"""Variables of every process that may import TensorFlow."""


class Address(NamedTuple):
    """Where a warm parent is asked.

    Args:
        socket: its path.
        log: the file with what it says.
    """

    socket: str
    log: str


class Parents:
    """The warm parents of a process.

    Args:
        logs: the folder for what they say.
        environment: their variables; by default those of this process.

    Attributes:
        folder: of their sockets, with a short path, of this user alone.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str] | None = None) -> None:
        self._sockets = Sockets()
        self.folder = self._sockets.folder
        self._selector = selectors.DefaultSelector()
        self._inside, self._outside = socket.socketpair()
        self._selector.register(self._inside, selectors.EVENT_READ)
        self._commands: deque[Callable[[], None]] = deque()
        self._closing = False
        given = {**(os.environ if environment is None else environment), **QUIET}
        self._doors = {
            kind: _Door(kind, Path(self.folder, kind), logs / f"warm-{kind}.log", given, self._selector)
            for kind in (LIGHT, HEAVY)
        }
        self._thread = Thread(target=self._watch, name="warm parents", daemon=True)
        self._thread.start()

    def __enter__(self) -> Parents:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def addresses(self) -> dict[str, Address]:
        """Where each kind is asked."""
        return {kind: Address(str(door.path), str(door.log)) for kind, door in self._doors.items()}

    def pids(self) -> dict[str, int]:
        """Give the numbers of the processes that there are, by kind."""
        return {kind: door.process.pid for kind, door in self._doors.items() if door.process}

    def retire(self, *kinds: str) -> None:
        """Have parents end when their children have; whoever asks afterwards gets new ones.

        Args:
            kinds: which; all where none is named.
        """
        for kind in kinds or tuple(self._doors):
            self._commands.append(self._doors[kind].let_go)
        self._ring()

    def close(self) -> None:
        """End them."""
        if self._closing:
            return
        self._closing = True
        self._ring()
        self._thread.join()
        for door in self._doors.values():
            door.close()
        self._inside.close()
        self._outside.close()
        self._selector.close()
        self._sockets.close()

    def _ring(self) -> None:
        self._outside.send(b"!")

    def _watch(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select():
                if key.fileobj is self._inside:
                    self._inside.recv(1 << 10)
                    while self._commands:
                        self._commands.popleft()()
                else:
                    key.data()


class _Door:
    """The socket of one kind, and the process behind it."""

    def __init__(
        self, kind: str, path: Path, log: Path, environment: Mapping[str, str], selector: selectors.BaseSelector
    ) -> None:
        self.kind, self.path, self.log = kind, path, log
        self.process: subprocess.Popen[bytes] | None = None
        self._environment, self._selector = environment, selector
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._ready = False
        self._life: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(128)
        selector.register(self._listener, selectors.EVENT_READ, self._start)

    def _start(self) -> None:
        """Start the process for the connection that waits; it takes over the listening."""
        self._leaving = [process for process in self._leaving if process.poll() is None]
        self._selector.unregister(self._listener)
        self._ready = False
        try:
            self.process, self._life = self._started()
        except OSError as error:  # too many processes, too little memory, no room for the log
            sys.stderr.write(f"the process that runs come from could not be started: {error}\n")
            self._refuse()
            self._selector.register(self._listener, selectors.EVENT_READ, self._start)
        else:
            self._selector.register(self._life, selectors.EVENT_READ, self._hear)

    def _started(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Start the process; give it with what tells of its end."""
        life, other = socket.socketpair()
        try:
            with other, self.log.open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-m", "zenrepo.runner.warm", self.kind],
                    stdin=self._listener.fileno(),
                    stdout=other.fileno(),
                    stderr=log,
                    cwd=self.path.parent,  # not the user's: a module there must not stand in the way of one of TFX's
                    env=self._environment,
                    start_new_session=True,
                )
        except OSError:
            life.close()
            raise
        return process, life

    def _hear(self) -> None:
        """Take note that the process is ready, or has ended."""
        assert self._life is not None
        if self._life.recv(1 << 10):
            self._ready = True
            return
        if not self._ready:
            self._refuse()
        self.let_go()

    def _refuse(self) -> None:
        """Hang up on those who wait for a process that could not import."""
        self._listener.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
        self._listener.setblocking(True)

    def let_go(self) -> None:
        """Let the process end when its children have, and listen again."""
        if self.process is None or self._life is None:
            return
        self._selector.unregister(self._life)
        self._life.close()
        self._leaving.append(self.process)
        self.process = self._life = None
        self._selector.register(self._listener, selectors.EVENT_READ, self._start)

    def close(self) -> None:
        """End what is behind the door; children that conduct a run are left to their own ends."""
        if self._life is not None:
            self._life.close()
        self._listener.close()
        for process in [*self._leaving, *([self.process] if self.process else [])]:
            process.terminate()
            process.wait()
