"""``python -m zenrepo.runner.warm light|heavy``: imports what runs need, once, and forks a child for each request.

Only imports may happen here before a fork. A child of a parent that has run any TensorFlow operation hangs.

Standard input is the socket to listen at. A connection is one request: one line of JSON comes in, perhaps with
descriptors; ``{"pid": …}`` goes out when the child is there and ``{"status": …}`` when it has ended. When the other
side of a step's connection is gone, so is the step. Standard output is a socket that says ``ready``, and whose end
says that nobody will ask any more: what still runs ends, then this process does.
"""

from __future__ import annotations

import gc

gc.disable()  # collecting while thousands of modules come in costs a second, and finds nothing

import json  # noqa: E402 - gc.disable() stands first
import os  # noqa: E402
import selectors  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from contextlib import nullcontext, suppress  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from types import FrameType  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from zenrepo.runner.conducting.lightness import without_heavy_imports  # noqa: E402
from zenrepo.runner.fresh import become, prepare, prepare_steps  # noqa: E402
from zenrepo.runs.processes.parents import LIGHT  # noqa: E402
from zenrepo.runs.processes.strays import end, strays  # noqa: E402


@dataclass
class _Request:
    """A connection.

    Args:
        socket: to whoever asks.
    """

    socket: socket.socket
    text: bytearray = field(default_factory=bytearray)
    files: list[int] = field(default_factory=list)
    task: str = ""
    child: int = 0


class _Server:
    """Serves requests until nobody will ask any more."""

    def __init__(self, kind: str, listener: socket.socket, life: socket.socket) -> None:
        self._listener, self._life = listener, life
        self._kind, self._has_steps = kind, kind != LIGHT
        self._requests: dict[socket.socket, _Request] = {}
        self._leaving = False
        self._bell = _child_bell()
        self._selector = selectors.DefaultSelector()
        for source in (listener, life, self._bell[0]):
            self._selector.register(source, selectors.EVENT_READ)

    def serve(self) -> NoReturn:
        """Serve, and leave."""
        while not (self._leaving and not any(request.child for request in self._requests.values())):
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._life:
                    self._leave()
                elif key.fileobj == self._bell[0]:
                    os.read(self._bell[0], 1 << 12)
                    self._reap()
                elif key.fileobj in self._requests:
                    self._hear(self._requests[key.fileobj])
        os._exit(0)

    def _accept(self) -> None:
        with suppress(OSError):  # whoever asked is gone already
            connection, _ = self._listener.accept()
            self._requests[connection] = _Request(connection)
            self._selector.register(connection, selectors.EVENT_READ)

    def _leave(self) -> None:
        self._selector.unregister(self._life)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._leaving = True

    def _hear(self, request: _Request) -> None:
        """Take a part of a request, or its end."""
        try:
            data, files, _, _ = socket.recv_fds(request.socket, 1 << 16, 3)
        except OSError:
            data, files = b"", []
        request.files += files
        if not data:
            self._hang_up(request)
            return
        request.text += data
        if request.text.endswith(b"\n") and not request.child:
            self._fork(request)

    def _hang_up(self, request: _Request) -> None:
        self._selector.unregister(request.socket)
        if request.child and request.task == "step":
            daemons = strays(request.child)
            _end_group(request.child)
            end(daemons)
        if request.child:
            self._requests[request.socket].socket.close()  # the child is still to be reaped
        else:
            self._forget(request)

    def _forget(self, request: _Request) -> None:
        del self._requests[request.socket]
        request.socket.close()
        for file in request.files:
            os.close(file)
        request.files.clear()

    def _fork(self, request: _Request) -> None:
        asked = json.loads(request.text)
        request.task = asked["task"]
        if request.task == "step" and not self._has_steps:
            _import(prepare_steps, self._kind)
            self._has_steps = True
        parent = os.getpid()
        request.child = os.fork()
        if request.child == 0:
            self._become(request, asked, parent)
        for file in request.files:
            os.close(file)
        request.files.clear()
        _answer(request, {"pid": request.child})

    def _become(self, request: _Request, asked: dict[str, Any], parent: int) -> NoReturn:
        """Be the child: let go of all that is the parent's, do the task and leave, whatever happened."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._selector.close()
            for number in self._bell:
                os.close(number)
            for connection in (self._listener, self._life, *self._requests):
                connection.close()
            status = become(asked, request.files, parent)
        finally:
            os._exit(status)

    def _reap(self) -> None:
        """Tell how children ended, and end what they left behind."""
        children = {request.child: request for request in self._requests.values() if request.child}
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not child:
                return
            request = children.pop(child, None)
            if request is None:
                continue
            _end_group(child)
            _answer(request, {"status": status})
            with suppress(KeyError, ValueError):  # where the other side hung up before
                self._selector.unregister(request.socket)
            self._forget(request)


def _answer(request: _Request, data: dict[str, Any]) -> None:
    with suppress(OSError):  # whoever asked is gone
        request.socket.sendall(json.dumps(data).encode("utf-8") + b"\n")


def _child_bell() -> tuple[int, int]:
    """Make a pipe that rings when a child ends."""
    bell = os.pipe()
    os.set_blocking(bell[1], False)
    signal.set_wakeup_fd(bell[1], warn_on_full_buffer=False)

    def ring(number: int, frame: FrameType | None) -> None:
        """Do nothing: that there is a handler makes Python write to the pipe."""

    signal.signal(signal.SIGCHLD, ring)
    return bell


def _end_group(child: int) -> None:
    """End what a child started and left behind, and the child itself."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left (macOS: a group of zombies gives the second)
        os.killpg(child, signal.SIGKILL)


def main(kind: str) -> NoReturn:
    """Import what one kind of parent has, and serve."""
    listener, life = socket.socket(fileno=os.dup(0)), socket.socket(fileno=os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    _import(prepare, kind)
    life.send(b"ready")
    _Server(kind, listener, life).serve()


def _import(what: Callable[[str], None], kind: str) -> None:
    """Import what the children of a kind of parent are to find."""
    gc.disable()  # see the first line
    with without_heavy_imports() if kind == LIGHT else nullcontext():
        what(kind)
    gc.enable()
    gc.freeze()  # children share these objects' memory as long as nobody collects them


if __name__ == "__main__":
    wanted = sys.argv[1]
    sys.argv = ["zenrepo"]  # Beam and absl read the arguments of the process
    main(wanted)
