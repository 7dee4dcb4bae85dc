"""The log of a step: all that it and the processes that it starts print, without the middle where that is long.

What they print goes through a pipe to a process of its own, for a file could only be bounded by what its writers do.
Nothing is ever lost of a log of up to ten megabytes; of a longer one the first megabyte stays, and the last nine.
"""

from __future__ import annotations

import fcntl
import os
import signal
import termios
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

HEAD, TAIL = 1 << 20, 9 << 20
"""Bytes of a long log that stay: from its beginning, and before its end."""
_AT_ONCE = 1 << 16
LONGEST_LINE = 1 << 16
_PATIENCE = 5.0
"""Seconds to wait until what was printed is written."""
_FAREWELL = 0.3
"""Seconds to wait, then, for the end of a log that a process which the step left behind may hold open."""


class StepLog:
    """A file that takes any number of bytes, and keeps the first and the last.

    Args:
        path: of the file; what stood there is gone.
        head: bytes that stay of its beginning.
        tail: bytes that stay before its end. Until it is closed, up to twice as many do.
        longest_line: bytes that are looked through for the end of a line, so that whole ones stay.
    """

    def __init__(
        self, path: str | os.PathLike[str], head: int = HEAD, tail: int = TAIL, longest_line: int = LONGEST_LINE
    ) -> None:
        self._path = Path(path)
        self._most_head, self._tail, self._line = head, tail, longest_line
        self._head = 0
        self._size = self._left_out = 0
        self._file: BinaryIO = self._path.open("w+b", buffering=0)

    def write(self, data: bytes) -> None:
        """Take in what was printed; on a full disk it is left out."""
        try:
            self._size += self._file.write(data) or 0
            if self._size > self._most_head + 2 * self._tail:
                self._shorten()
        except OSError:  # who prints must not stop, or wait for ever, because nobody can write it down
            return

    def close(self) -> None:
        """End the log."""
        with suppress(OSError):
            if self._size > self._most_head + self._tail + self._line:
                self._shorten()
        self._file.close()

    def fileno(self) -> int:
        """Give the descriptor of the file as it is now."""
        return self._file.fileno()

    def _shorten(self) -> None:
        """Write head and tail anew, beside the file, and put them in its place: readers see either."""
        fd = self._file.fileno()
        if not self._left_out:
            self._head = _whole_lines(os.pread(fd, self._most_head, 0), self._line)
        start = self._size - self._tail
        tail = os.pread(fd, self._tail, start)
        cut = tail.find(b"\n", 0, self._line) + 1
        left_out = self._left_out + start + cut - self._head - (len(_note(self._left_out)) if self._left_out else 0)
        beside = self._path.with_name(f"{self._path.name}.part")
        with beside.open("w+b", buffering=0) as whole:
            for part in (os.pread(fd, self._head, 0), _note(left_out), tail[cut:]):
                _write_all(whole, part)
            beside.replace(self._path)
            os.dup2(whole.fileno(), fd)
        self._left_out = left_out
        self._size = self._head + len(_note(left_out)) + len(tail) - cut


def _note(left_out: int) -> bytes:
    return f"\n… {left_out:,} bytes are left out here …\n\n".encode()


def _whole_lines(head: bytes, longest: int) -> int:
    """Count the bytes up to the end of the last line; all of them where there is no end near."""
    return head.rfind(b"\n", max(0, len(head) - longest)) + 1 or len(head)


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def divert(path: str | os.PathLike[str]) -> Callable[[], None]:
    """Send all that this process prints from now on, and what it starts, to a log.

    Args:
        path: of the log.

    Returns:
        What ends that: it returns when all is written, or is still held open by a process that was left behind.
    """
    log = StepLog(path)
    source, sink = os.pipe()
    pump = os.fork()
    if pump == 0:
        _become_pump(source, log)
    os.close(source)
    log.close()
    for descriptor in (1, 2):
        os.dup2(sink, descriptor)
    os.close(sink)
    return lambda: _settle(pump)


def _become_pump(source: int, log: StepLog) -> NoReturn:
    """Write the log until nobody can print any more; be in no group that is killed with the step."""
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        _close_all_but(source, log.fileno())
        while data := os.read(source, _AT_ONCE):
            log.write(data)
        log.close()
    finally:
        os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Close what was inherited: others wait for the end of it."""
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _settle(pump: int) -> None:
    _until(lambda: not _unread(1), _PATIENCE)
    null = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(null, descriptor)
    with suppress(ChildProcessError):  # the step's own code may wait for any child
        _until(lambda: os.waitpid(pump, os.WNOHANG)[0] != 0, _FAREWELL)


def _unread(pipe: int) -> int:
    """Count the bytes in a pipe that nobody has read."""
    found = array("i", [0])
    with suppress(OSError):  # the step's own code may have sent its output elsewhere
        fcntl.ioctl(pipe, termios.FIONREAD, found)
    return found[0]


def _until(condition: Callable[[], bool], patience: float) -> None:
    until, pause = time.monotonic() + patience, 0.0005
    while not condition() and time.monotonic() < until:
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
