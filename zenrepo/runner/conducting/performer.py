"""The conductor's end of the steps' processes: has a warm parent fork one for each step, and hears how it ended."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tfx.orchestration.portable.data_types import ExecutionInfo

from zenrepo.runner.compiling.pipeline import Node
from zenrepo.runner.conducting.needs import parent_of
from zenrepo.runner.conducting.time_limit import TimeLimit, ended_late
from zenrepo.runs.plan import Plan
from zenrepo.runs.processes.forked import Forked, warm_up
from zenrepo.runs.processes.lease import Process, born
from zenrepo.runs.processes.parents import HEAVY, Address, Parents
from zenrepo.runs.processes.strays import end, strays


@dataclass(frozen=True)
class Answer:
    """What a performer says of the step that it executed.

    Args:
        output: TFX's ``ExecutorOutput``, serialized; empty where the step failed.
        beam: seconds inside Beam pipelines.
        error: ``message``, ``hint`` and ``traceback`` where the step failed.
        imports: seconds that the step waited for the warm parent's imports.
    """

    output: bytes = b""
    beam: float = 0.0
    error: dict[str, Any] = field(default_factory=dict)
    imports: float = 0.0


class Performer:
    """The performers of one run; several steps can be performed at once, from threads.

    Args:
        plan: the run.
        addresses: where the warm parents are asked; where there are none, the run starts its own.
    """

    def __init__(self, plan: Plan, addresses: Mapping[str, Address] | None = None) -> None:
        self._plan = plan
        self._addresses = addresses
        self._own: Parents | None = None
        self._lock = threading.Lock()
        self._forked: set[Forked] = set()
        self._closed = threading.Event()

    def perform(
        self, node: Node, info: ExecutionInfo, earlier: dict[str, Any], limit: Callable[[], TimeLimit] = TimeLimit
    ) -> Answer:
        """Have one step performed.

        Args:
            node: which step.
            info: the execution's inputs, outputs and properties.
            earlier: what earlier runs left, as ``earlier`` reads it.
            limit: says how long the step may take, when it begins.

        Returns:
            What became of it. A performer that died is a step that failed.

        Raises:
            KeyboardInterrupt: if the performer was closed.
        """
        answer = Path(self._plan.folder, f"{node.name}.answer.json")
        answer.unlink(missing_ok=True)
        request = {
            "plan": {**asdict(self._plan), "steps": []},
            "name": node.name,
            "kind": node.kind,
            "step": asdict(node.step) if node.step else None,
            "invocation": base64.b64encode(info.to_proto().SerializeToString()).decode("ascii"),
            "log": str(Path(self._plan.folder, f"{node.name}.log")),
            "answer": str(answer),
            "earlier": earlier,
        }
        began = time.monotonic()
        address = self._address(parent_of(node, self._plan))
        forked = self._ask(address, request)
        if forked is None:
            return Answer(error=_died(f"step '{node.name}' did not begin: the process it comes from ended", address))
        imports = time.monotonic() - began
        time_limit = limit()
        try:
            is_late = ended_late(forked, time_limit)
            status = forked.status()
        except EOFError:
            self._refuse_closed()
            _end(forked, [])
            return Answer(
                error=_died(f"step '{node.name}' did not finish: the process that it came from ended", address),
                imports=imports,
            )
        finally:
            self._hang_up(forked)
        if is_late:
            return Answer(error=_late(node, time_limit, answer), imports=imports)
        return _read(node, answer, status, imports)

    def warm_up(self) -> None:
        """Have the heavy parent begin its imports, for a step that will need them."""
        warm_up(self._address(HEAVY).socket)

    def sleep(self, seconds: float) -> None:
        """Wait, unless the performer is closed.

        Raises:
            KeyboardInterrupt: if the performer was closed.
        """
        self._closed.wait(seconds)
        self._refuse_closed()

    def close(self) -> None:
        """End the steps that still run, and the parents of this run's own."""
        with self._lock:
            self._closed.set()
            forked = list(self._forked)
        daemons = [(one, strays(one.pid)) for one in forked if one.lives]
        for one in forked:
            one.close()
        for one, found in daemons:  # this run's own parent is ended before it could do so
            _end(one, found)
        if self._own is not None:
            self._own.close()

    def _ask(self, address: Address, request: dict[str, Any]) -> Forked | None:
        """Have a process forked; a second time, where the parent was killed before there was one."""
        for _ in range(2):
            with suppress(EOFError):
                forked = Forked(address.socket, "step", os.environ, self._plan.folder, request)
                with self._lock:
                    self._forked.add(forked)
                    if self._closed.is_set():
                        forked.close()
                try:
                    _ = forked.pid
                except BaseException:
                    self._hang_up(forked)
                    raise
                return forked
            self._refuse_closed()
        return None

    def _hang_up(self, forked: Forked) -> None:
        with self._lock:
            self._forked.discard(forked)
        forked.close()

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise KeyboardInterrupt

    def _address(self, kind: str) -> Address:
        with self._lock:
            if self._addresses is None:
                self._own = Parents(Path(self._plan.folder))
                self._addresses = self._own.addresses
            return self._addresses[kind]


def _end(forked: Forked, daemons: list[Process]) -> None:
    """End a process whose parent is gone, and what it started."""
    if forked.lives or not born(forked.pid):  # perhaps the system was quicker, and ended the leader of the group alone
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(forked.pid, signal.SIGKILL)
    end(daemons)


def _died(message: str, address: Address) -> dict[str, str]:
    return {"message": message, "hint": f"see {address.log}", "traceback": ""}


def _late(node: Node, limit: TimeLimit, answer: Path) -> dict[str, Any]:
    """Describe a step that took longer than it may; what it answered all the same does not count."""
    answer.unlink(missing_ok=True)
    hint = f"see {answer.parent / node.name}.log; 'timeout' in the pipeline file gives it more time"
    return {"message": limit.why, "hint": hint, "traceback": "", "frame": {}, "final": limit.is_final}


def _read(node: Node, file: Path, status: int, imports: float) -> Answer:
    """Read a step's answer, or say from its exit status why there is none."""
    if not file.exists():
        why = _full(node, file.parent) or _why(node, status)
        error = {"message": why, "hint": f"see {file.parent / node.name}.log", "traceback": ""}
        return Answer(error=error, imports=imports)
    data = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    return Answer(base64.b64decode(data["output"]), data["beam"], data["error"], imports)


def _full(node: Node, folder: Path) -> str:
    """Say that a step could not write how it ended, where that is so."""
    if os.statvfs(folder).f_bavail:
        return ""
    return f"step '{node.name}' could not write how it ended: no space left on '{folder}'"


def _why(node: Node, status: int) -> str:
    if not os.WIFSIGNALED(status):
        return f"step '{node.name}' left its process with exit status {os.waitstatus_to_exitcode(status)}"
    number = os.WTERMSIG(status)
    reason = ", as the system does when memory runs out" if number == signal.SIGKILL else ""
    return f"step '{node.name}' was killed by {signal.Signals(number).name}{reason}"
