"""Execute a plan in this process, which a warm parent forked or `zenrepo.runner` started."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from zenrepo.backends import OrchestratorBackend
from zenrepo.errors import RunFailed, StepFailed, ZenrepoError
from zenrepo.runner.artifacts.storage import in_words
from zenrepo.runner.conducting.conductor import conduct
from zenrepo.runner.conducting.lightness import without_heavy_imports
from zenrepo.runner.performing.step_load import backend_of
from zenrepo.runs import events
from zenrepo.runs.plan import Plan
from zenrepo.runs.processes.parents import Address

NOT_CLOSED = 1
STOPS = (signal.SIGINT, signal.SIGTERM)


def run(
    plan: str,
    *,
    attached: bool = False,
    parents: Mapping[str, tuple[str, str]] | None = None,
    jobs: int = 1,
    before: float = 0.0,
) -> int:
    """Execute a plan, and write its events to standard output.

    Args:
        plan: its file.
        attached: whether the run stops when standard input ends.
        parents: where the warm parents are asked, by kind: socket and log of each; by default the run has its own.
        jobs: how many steps work at a time.
        before: seconds that went into imports.

    Returns:
        The exit status: 0 where the run is complete, 6 where it failed, 1 where it could not even be closed.
    """
    out = _own_stdout()
    for number in STOPS:
        signal.signal(number, _stop)
    if attached:
        threading.Thread(target=_stop_at_end, daemon=True).start()
    read = Plan.read(Path(plan))
    try:
        Path(read.folder).mkdir(parents=True, exist_ok=True)

        def conduct_here() -> bool:
            addresses = {kind: Address(*address) for kind, address in parents.items()} if parents else None
            with without_heavy_imports():  # TFX imports some of its modules only when it needs them
                return conduct(read, out, before, addresses, jobs)

        complete = _orchestrate(plan, read, conduct_here)
    except ZenrepoError as error:
        events.write(out, "run", state="failed", error={"message": error.message, "hint": error.hint})
        return RunFailed.exit_code
    except KeyboardInterrupt:
        events.write(out, "run", state="failed", error={"message": "the run was stopped", "hint": ""})
        return RunFailed.exit_code
    except Exception as error:  # noqa: BLE001 - the process's edge: what closes a run may fail too, on a full disk
        traceback.print_exc()
        known = in_words(error, read) or ZenrepoError(repr(error), f"see {Path(read.folder, 'runner.log')}")
        events.write(out, "run", state="failed", error={"message": known.message, "hint": known.hint})
        return NOT_CLOSED
    return 0 if complete else RunFailed.exit_code


def _orchestrate(file: str, plan: Plan, conduct_here: Callable[[], bool]) -> bool:
    """Execute the plan on the backend that it names, by default here."""
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
