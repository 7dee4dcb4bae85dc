"""What the nodes of a run share while they are launched."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from tfx.orchestration.local import runner_utils
from tfx.proto.orchestration import pipeline_pb2

from zenrepo.runner.compiling.outside import OutsideModel
from zenrepo.runner.compiling.pipeline import Node
from zenrepo.runner.conducting.clock import Clock
from zenrepo.runner.conducting.earlier import earlier
from zenrepo.runner.conducting.ledger import Ledger, Recorded
from zenrepo.runner.conducting.needs import parent_of
from zenrepo.runner.conducting.performer import Performer
from zenrepo.runner.conducting.time_limit import RunTime
from zenrepo.runs import events
from zenrepo.runs.plan import Plan
from zenrepo.runs.processes.parents import HEAVY


@dataclass
class Stage:
    """What the nodes of a run share; several can be on it at once, each in a thread.

    Args:
        plan: the run.
        nodes: all, in the plan's order.
        compiled: TFX's pipeline.
        ledger: what is written into ML Metadata beside what TFX writes.
        performer: has steps performed.
        clock: of the run.
        models: those from outside, by the name of the node that brings them in.
        again: the nodes that must be cached.
        out: where events go.
    """

    plan: Plan
    nodes: list[Node]
    compiled: pipeline_pb2.Pipeline
    ledger: Ledger
    performer: Performer
    clock: Clock
    models: Mapping[str, OutsideModel]
    again: set[str]
    out: TextIO
    time: RunTime = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _made: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.time = RunTime(self.plan.timeout)

    def say(self, event: str, **data: Any) -> None:
        """Report something."""
        with self._lock:
            events.write(self.out, event, **data)

    def record(self, node: Node, execution: int) -> Recorded:
        """Write down what a node made, and remember its model for those behind it."""
        with self._lock:
            recorded = self.ledger.record(node, execution)
        model = next((artifact["id"] for artifact in recorded.artifacts if artifact["type"] == "Model"), None)
        if model is not None:
            self._made[node.name] = model
        return recorded

    def fail(self, node: Node, message: str, attempt: int, *, canceled: bool = False) -> int | None:
        """Close what a node left open in ML Metadata; return the id of its execution, where it has one."""
        with self._lock:
            return self.ledger.fail(node, message, canceled=canceled, attempt=attempt)

    def record_run(self) -> None:
        """Write on TFX's context of the run what it is of."""
        with self._lock:
            self.ledger.record_run()

    def earlier(self, node: Node) -> dict[str, Any]:
        """Look up what earlier runs left that a node must know."""
        before = self.nodes[: self.nodes.index(node)]
        model = next((self._made[one.name] for one in reversed(before) if one.name in self._made), 0)
        with self._lock:
            return earlier(node, self.plan, self.ledger.models, model)

    def warm_up(self, node: Node) -> None:
        """Have imports begin that a later node needs, which will hardly be cached after one that was not."""
        if node.name not in self.again and any(
            parent_of(later, self.plan) == HEAVY
            for later in self.nodes[self.nodes.index(node) + 1 :]
            if later.name not in self.models
        ):
            self.performer.warm_up()


def store_of(compiled: pipeline_pb2.Pipeline) -> Any:
    """Give the address of a pipeline's metadata store, as ML Metadata takes it."""
    deployment = runner_utils.extract_local_deployment_config(compiled)
    config = deployment.metadata_connection_config
    return getattr(config, config.WhichOneof("connection_config"))
