"""``python -m zenrepo.runner PLAN.json``: execute a plan, write events to standard output, exit with 0 or 6."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from zenrepo.backends import OrchestratorBackend
from zenrepo.errors import RunFailed, StepFailed, ZenrepoError
from zenrepo.runner.lightness import without_heavy_imports
from zenrepo.runner.step_load import backend_of
from zenrepo.runs import events
from zenrepo.runs.launch import ATTACHED
from zenrepo.runs.plan import Plan

STOPS = (signal.SIGINT, signal.SIGTERM)
_BEGAN = time.monotonic()
with without_heavy_imports():
    from zenrepo.runner.conductor import conduct


def main(arguments: list[str]) -> int:
    """Execute the plan that the command line names.

    Args:
        arguments: the path of the plan, and perhaps ``--attached``: then the run stops when standard input ends.

    Returns:
        0 where the run is complete, 6 where it failed, 2 where there is no such plan.
    """
    if not arguments or arguments[1:] not in ([], [ATTACHED]) or not Path(arguments[0]).is_file():
        sys.stderr.write(f"usage: python -m zenrepo.runner PLAN.json [{ATTACHED}]\n")
        return 2
    out = _own_stdout()
    for number in STOPS:
        signal.signal(number, _stop)
    if ATTACHED in arguments:
        threading.Thread(target=_stop_at_end, daemon=True).start()
    plan = Plan.read(Path(arguments[0]))
    Path(plan.folder).mkdir(parents=True, exist_ok=True)
    try:
        complete = _orchestrate(arguments[0], plan, out)
    except ZenrepoError as error:
        events.write(out, "run", state="failed", error={"message": error.message, "hint": error.hint})
        return RunFailed.exit_code
    except KeyboardInterrupt:
        events.write(out, "run", state="failed", error={"message": "the run was stopped", "hint": ""})
        return RunFailed.exit_code
    return 0 if complete else RunFailed.exit_code


def _orchestrate(file: str, plan: Plan, out: TextIO) -> bool:
    """Execute the plan on the backend that it names, by default here."""

    def conduct_here() -> bool:
        with without_heavy_imports():  # TFX imports some of its modules only when it needs them
            return conduct(plan, out, before=time.monotonic() - _BEGAN)

    if plan.backend is None:
        return conduct_here()
    sys.path[0:0] = plan.source_roots
    backend = backend_of(plan, plan.pipeline, plan.backend)
    if not isinstance(backend, OrchestratorBackend):
        raise StepFailed(f"'{plan.backend.type}' is a {backend.KIND} backend, and cannot conduct a run")
    return backend.orchestrate(file, conduct_here)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Stop the run once: what closes it must not be stopped in turn."""
    for again in STOPS:
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt


def _stop_at_end() -> None:
    """Stop the run when the process that wants it is gone: killed, it could not say so."""
    while os.read(0, 1 << 10):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _own_stdout() -> TextIO:
    """Keep standard output for the events: what any library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # nothing is left to do, and tearing down gRPC's threads takes a second
