"""The conductor's end of the performer: starts the warm parent when a step first runs, and asks it for each step."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tfx.orchestration.portable.data_types import ExecutionInfo

from zenrepo.errors import StepFailed
from zenrepo.runner.pipeline import Node
from zenrepo.runs.plan import Plan

SETTINGS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # no notices of the machine in the steps' logs
    "TF_ENABLE_ONEDNN_OPTS": "0",  # sums that are the same on every processor
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS ends a forked child otherwise
}


@dataclass(frozen=True)
class Answer:
    """What a performer says of the step that it executed.

    Args:
        output: TFX's ``ExecutorOutput``, serialized; empty where the step failed.
        beam: seconds inside Beam pipelines.
        error: ``message``, ``hint`` and ``traceback`` where the step failed.
    """

    output: bytes = b""
    beam: float = 0.0
    error: dict[str, str] = field(default_factory=dict)


class Performer:
    """The performer of one run.

    Args:
        plan: the run.

    Attributes:
        imports: seconds that the run waited for the warm parent's imports.
    """

    def __init__(self, plan: Plan) -> None:
        self.imports = 0.0
        self._plan = plan
        self._warm: subprocess.Popen[str] | None = None

    def perform(self, node: Node, info: ExecutionInfo, earlier: dict[str, Any]) -> Answer:
        """Have one step performed.

        Args:
            node: which step.
            info: the execution's inputs, outputs and properties.
            earlier: what earlier runs left, as ``earlier`` reads it.

        Returns:
            What became of it. A performer that died is a step that failed.
        """
        warm = self._warm or self._start()
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
        try:
            _send(warm, request)
            status = _receive(warm)["status"]
        except (BrokenPipeError, EOFError):
            return Answer(error=self._died(node))
        return _read(node, answer, status)

    def close(self) -> None:
        """End the warm parent, and with it a step that still runs."""
        if self._warm is None:
            return
        for stream in (self._warm.stdin, self._warm.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):  # where the parent died before it read what was written
                stream.close()
        try:
            self._warm.wait(10)
        except subprocess.TimeoutExpired:
            self._warm.kill()
            self._warm.wait()
        self._warm = None

    def _start(self) -> subprocess.Popen[str]:
        """Start the warm parent and wait until it has imported."""
        began = time.monotonic()
        with Path(self._plan.folder, "warm.log").open("ab") as log:
            self._warm = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "zenrepo.runner.warm"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._plan.folder,
                env={**os.environ, **SETTINGS},
                start_new_session=True,
            )
        try:
            _receive(self._warm)
        except EOFError:
            raise StepFailed("the steps' libraries could not be imported", self._see("warm")) from None
        self.imports += time.monotonic() - began
        return self._warm

    def _died(self, node: Node) -> dict[str, str]:
        self.close()
        return {
            "message": f"step '{node.name}' did not finish: the process that all steps come from ended",
            "hint": self._see("warm"),
            "traceback": "",
        }

    def _see(self, name: str) -> str:
        return f"see {Path(self._plan.folder, f'{name}.log')}"


def _send(warm: subprocess.Popen[str], request: dict[str, Any]) -> None:
    assert warm.stdin is not None
    warm.stdin.write(json.dumps(request) + "\n")
    warm.stdin.flush()


def _receive(warm: subprocess.Popen[str]) -> dict[str, Any]:
    assert warm.stdout is not None
    line = warm.stdout.readline()
    if not line.endswith("\n"):
        raise EOFError
    data: dict[str, Any] = json.loads(line)
    return data


def _read(node: Node, file: Path, status: int) -> Answer:
    """Read a step's answer, or say from its exit status why there is none."""
    if not file.exists():
        return Answer(
            error={"message": _why(node, status), "hint": f"see {file.parent / node.name}.log", "traceback": ""}
        )
    data = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    return Answer(base64.b64decode(data["output"]), data["beam"], data["error"])


def _why(node: Node, status: int) -> str:
    if not os.WIFSIGNALED(status):
        return f"step '{node.name}' left its process with exit status {os.waitstatus_to_exitcode(status)}"
    number = os.WTERMSIG(status)
    reason = ", as the system does when memory runs out" if number == signal.SIGKILL else ""
    return f"step '{node.name}' was killed by {signal.Signals(number).name}{reason}"
