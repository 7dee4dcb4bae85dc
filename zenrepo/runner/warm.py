"""``python -m zenrepo.runner.warm``: imports what steps need, once, and forks a child for each step.

Only imports may happen here before a fork. A child of a parent that has run any TensorFlow operation hangs.

One JSON request a line comes in on standard input; when its child has ended, one line ``{"status": …}`` goes out on
standard output. When the input ends, so does everything that still runs.
"""

from __future__ import annotations

import gc

gc.disable()  # collecting while thousands of modules come in costs a second, and finds nothing

import json  # noqa: E402 - gc.disable() stands first
import os  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from types import FrameType  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from zenrepo.runner.child import perform  # noqa: E402

gc.enable()
gc.freeze()  # children share these objects' memory as long as nobody collects them


class _Ended(Exception):
    """The conductor closed its end."""


def main() -> NoReturn:
    """Serve requests until the input ends."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    bell = _child_bell()
    _write(answers, {"ready": True})
    buffer = bytearray()
    try:
        while True:
            request = json.loads(_line(requests, buffer))
            child = os.fork()
            if child == 0:
                for descriptor in (requests, answers, *bell):
                    os.close(descriptor)
                _become(request)
            _write(answers, {"status": _wait(child, requests, bell[0])})
    except _Ended:
        os._exit(0)


def _become(request: dict[str, Any]) -> NoReturn:
    """Be the child: perform the step and leave, whatever happened."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        perform(request)
        status = 0
    finally:
        os._exit(status)


def _child_bell() -> tuple[int, int]:
    """Make a pipe that rings when a child ends."""
    bell = os.pipe()
    os.set_blocking(bell[1], False)
    os.set_blocking(bell[0], False)
    signal.set_wakeup_fd(bell[1], warn_on_full_buffer=False)

    def ring(number: int, frame: FrameType | None) -> None:
        """Do nothing: that there is a handler makes Python write to the pipe."""

    signal.signal(signal.SIGCHLD, ring)
    return bell


def _wait(child: int, requests: int, bell: int) -> int:
    """Wait for the child, and end it if the conductor goes away first."""
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            _end_group(child)
            return status
        ready, _, _ = select.select([requests, bell], [], [], 5)
        if bell in ready:
            os.read(bell, 4096)
        if requests in ready:  # it sends nothing while a step runs, so this is its end
            _end_group(child)
            raise _Ended


def _end_group(child: int) -> None:
    """End what a child started and left behind, and the child itself."""
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nothing is left (on macOS a group of zombies gives the second)


def _line(requests: int, buffer: bytearray) -> bytes:
    while b"\n" not in buffer:
        data = os.read(requests, 1 << 16)
        if not data:
            raise _Ended
        buffer += data
    line, _, rest = bytes(buffer).partition(b"\n")
    buffer[:] = rest
    return line


def _write(answers: int, data: dict[str, Any]) -> None:
    os.write(answers, json.dumps(data).encode("utf-8") + b"\n")


if __name__ == "__main__":
    sys.argv = ["zenrepo"]  # Beam and absl read the arguments of the process
    main()
