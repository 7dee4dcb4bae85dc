"""``zenrepo worker``."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from zenrepo.cli.output import say
from zenrepo.flows.execute import work
from zenrepo.git.locate import locate


def worker() -> None:
    """Execute the queued runs of this clone, and end when none is left."""
    signal.signal(signal.SIGTERM, _stop)
    done = work(locate())
    say(f"executed {done} run{'' if done == 1 else 's'}")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Stop the run first; the second time, at once."""
    sys.exit(128 + number)
