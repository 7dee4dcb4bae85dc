"""``python -m zenrepo.cli.detached ROOT``: the worker that a commit starts, and that waits a while for the next one."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from zenrepo.git.command import clean_environment
from zenrepo.git.locate import locate
from zenrepo.runs.forked import warm_up
from zenrepo.runs.parents import LIGHT, Parents

IDLE = "ZENREPO_WORKER_IDLE"
"""Says for scripts, in place of the user's settings, how long a worker waits for more."""


def main(root: str) -> None:
    """Execute what is queued, and what is queued while the worker waits for more.

    Args:
        root: the folder that holds ``.zenml/``.
    """
    signal.signal(signal.SIGTERM, _stop)
    layout = locate(Path(root))
    layout.private.mkdir(parents=True, exist_ok=True)
    parents = Parents(layout.private, clean_environment())
    warm_up(parents.addresses[LIGHT].socket)  # it imports on another core, while this process does
    from zenrepo.flows.linger import linger  # noqa: PLC0415  (see the line above)

    linger(layout, parents, os.environ.get(IDLE))


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Stop the run first; the second time, at once."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main(sys.argv[1])
