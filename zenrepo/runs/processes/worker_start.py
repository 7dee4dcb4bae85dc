"""Start the worker that outlives the command that asked for it."""

from __future__ import annotations

import sys

from zenrepo.git.command import clean_environment
from zenrepo.layout import Layout
from zenrepo.runs.processes.bell import ring
from zenrepo.runs.processes.staying import staying


def start_worker(layout: Layout) -> None:
    """See to it that a worker takes what is queued: one that is there is told, else one is started.

    It goes on when the terminal closes. Where one stays, none is started: it sees what is queued by itself.
    """
    if staying(layout) or ring(layout):
        return
    import subprocess  # noqa: PLC0415  (it costs a hook 10 ms, and often a worker is there)
    from threading import Thread  # noqa: PLC0415  (likewise)

    layout.private.mkdir(parents=True, exist_ok=True)
    with layout.worker_log.open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "zenrepo.cli.detached", str(layout.root)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=clean_environment(),
        )
    Thread(target=worker.wait, daemon=True).start()  # where this process outlives it, it leaves no zombie
