"""The worker that stays: others see that it is there, and start none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from zenrepo.layout import Layout
from zenrepo.runs.processes import lease
from zenrepo.runs.processes.lease import Lease, Process

_NOBODY = Process(0, "")


def staying(layout: Layout) -> bool:
    """Say whether a worker stays for a clone, on this machine or in a container that shares its folder."""
    path = layout.private / "staying"
    try:
        host, boot, pid, born = path.read_text("utf-8").split("\n")
        return Lease(0, host, boot, Process(int(pid), born), _NOBODY, path.stat().st_mtime).holds
    except (OSError, ValueError):  # it was not there, or is being written
        return False


@contextmanager
def stays(layout: Layout) -> Iterator[Callable[[], None]]:
    """Be the worker that stays.

    Args:
        layout: of the repository.

    Yields:
        What says that it lives, to be called every few seconds.
    """
    path = layout.private / "staying"
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text("\n".join([lease.host(), lease.boot(), *map(str, lease.process(os.getpid()))]), "utf-8")
    beside.replace(path)

    def beat() -> None:
        with suppress(OSError):
            os.utime(path)

    try:
        yield beat
    finally:
        with suppress(OSError):
            path.unlink()
