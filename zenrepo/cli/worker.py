"""``zenrepo worker``."""

from __future__ import annotations

import signal
import sys
from functools import partial
from types import FrameType
from typing import Annotated, NoReturn

import typer

from zenrepo.cli.output import say
from zenrepo.flows.execution.crew import Crew
from zenrepo.flows.execution.stay import stay
from zenrepo.flows.execution.work import is_waiting, work
from zenrepo.git.locate import locate
from zenrepo.user_config import load_or_default


def worker(
    stays: Annotated[
        bool, typer.Option("--stay", help="Wait for more when none is left, and run pipelines at their set times.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", min=1, help="How many runs, and steps of one, work at a time."),
    ] = None,
) -> None:
    """Execute the queued runs of this clone, and end when none is left; SIGTERM and Ctrl-C stop the run first."""
    layout = locate()
    signal.signal(signal.SIGTERM, partial(_stop, code=0 if stays else 128 + signal.SIGTERM))
    config = load_or_default(lambda error: say(str(error)))  # what is queued is executed all the same
    with Crew(layout, jobs or config.jobs) as crew:
        if stays:
            say(f"staying for '{layout.folder}', until SIGTERM or Ctrl-C")
            stay(layout, say, crew)
        done = work(layout, say, crew)
    say(f"executed {done} run{'' if done == 1 else 's'}")
    if is_waiting(layout):
        say("another worker of this clone is at work, and takes what waits: 'zenrepo runs'")


def _stop(number: int, frame: FrameType | None, code: int) -> NoReturn:
    """Stop the run first; the second time, at once."""
    sys.exit(code)
