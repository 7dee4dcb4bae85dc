"""The bell of a worker: whoever queues a run rings it, and starts a worker only where nobody answers."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from contextlib import suppress

from zenrepo.git.command import clean_environment
from zenrepo.layout import Layout
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # hooks import this
    import socket
    from collections.abc import Mapping
    from typing import Any

_PATIENCE = 2.0
_REMEMBERED = 1000


def ring(layout: Layout) -> bool:
    """Tell the worker of a clone that something is queued, and with which variables it is to run.

    Args:
        layout: of the repository.

    Returns:
        Whether a worker of this Python environment has heard it.
    """
    try:
        with open(layout.own("bell"), encoding="utf-8", errors="surrogateescape") as file:
            path, python = file.read().split("\n")
    except (OSError, ValueError):
        return False
    if python != _python():
        return False
    import socket  # noqa: PLC0415  (it costs a hook 5 ms, and there is seldom somebody to hear)

    said = "\0".join(f"{name}={value}" for name, value in clean_environment().items())
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(_PATIENCE)
            door.connect(path)
            door.sendall(os.fsencode(said))
            door.shutdown(socket.SHUT_WR)
            return door.recv(1) == b"!"
    except OSError:
        return False


def _python() -> str:
    """Name this Python environment; hooks do not know its prefix, for they are started without ``site``."""
    return os.path.dirname(sys.executable)


class Bell:
    """What a worker hears.

    Args:
        layout: of the repository.
        folder: where its socket may stand; a short path.
    """

    def __init__(self, layout: Layout, folder: str) -> None:
        import socket  # noqa: PLC0415  (likewise)
        from threading import Event, Thread  # noqa: PLC0415  (likewise)

        self.rung = Event()
        self._rings: deque[tuple[float, dict[str, str]]] = deque(maxlen=_REMEMBERED)
        self._note = layout.own("bell")
        self._path = os.path.join(folder, "bell")
        self._closing = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen(128)
        beside = f"{self._note}.{os.getpid()}"
        with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{self._path}\n{_python()}")
        os.replace(beside, self._note)
        self._thread = Thread(target=self._hear, name="bell", daemon=True)
        self._thread.start()

    def __enter__(self) -> Bell:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def environment(self, queued: float) -> Mapping[str, str] | None:
        """Give the variables of whoever queued a run.

        Args:
            queued: when that was, in seconds since 1970.

        Returns:
            What was said when the bell was rung next; ``None`` where it was not.
        """
        return next((said for at, said in list(self._rings) if at >= queued), None)

    def last(self) -> Mapping[str, str] | None:
        """Give the variables of whoever rang last; ``None`` where nobody did."""
        return self._rings[-1][1] if self._rings else None

    def close(self) -> None:
        """Hear no more; who rings from now on knows it."""
        if self._closing:
            return
        with suppress(OSError), open(self._note, encoding="utf-8", errors="surrogateescape") as file:
            if file.read().startswith(f"{self._path}\n"):  # not that of a worker that came meanwhile
                os.unlink(self._note)
        self._closing = True
        self._knock()
        self._thread.join()
        self._listener.close()
        with suppress(OSError):
            os.unlink(self._path)

    def _knock(self) -> None:
        import socket  # noqa: PLC0415  (likewise)

        with suppress(OSError), socket.socket(socket.AF_UNIX) as door:
            door.connect(self._path)

    def _hear(self) -> None:
        while not self._closing:
            with suppress(OSError):
                door, _ = self._listener.accept()
                with door:
                    door.settimeout(_PATIENCE)
                    self._take(door)

    def _take(self, door: socket.socket) -> None:
        said = bytearray()
        while data := door.recv(1 << 16):
            said += data
        if said and not self._closing:
            pairs: list[Any] = [pair.split("=", 1) for pair in os.fsdecode(bytes(said)).split("\0") if "=" in pair]
            self._rings.append((time.time(), dict(pairs)))
            self.rung.set()
            door.sendall(b"!")
