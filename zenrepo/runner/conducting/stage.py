"""One node of a run: launched with TFX's launcher, performed where it is not cached, recorded and reported."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import launcher, outputs_utils
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.orchestration import execution_result_pb2, pipeline_pb2

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts.storage import in_words
from zenrepo.runner.compiling.outside import OutsideModel
from zenrepo.runner.compiling.pipeline import LATE, Node
from zenrepo.runner.conducting.attempts import as_attempt, keep_log, tried
from zenrepo.runner.conducting.clock import Clock
from zenrepo.runner.conducting.earlier import earlier
from zenrepo.runner.conducting.handoff import operators
from zenrepo.runner.conducting.ledger import Ledger
from zenrepo.runner.conducting.needs import parent_of
from zenrepo.runner.conducting.partial import not_cached
from zenrepo.runner.conducting.performer import Answer, Performer
from zenrepo.runner.conducting.time_limit import RunTime
from zenrepo.runs import events
from zenrepo.runs.plan import Limits, Plan
from zenrepo.runs.processes.parents import HEAVY


@dataclass
class _Attempt:
    """What is known of a node while it is launched.

    Args:
        answer: of the performer; ``None`` where the node was cached, or not come so far.
        earlier: what earlier runs left that it must know.
        number: how often it was launched so far.
    """

    answer: Answer | None = None
    earlier: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def is_curable(self) -> bool:
        """Whether it has failed, and another attempt may do better."""
        error = self.answer.error if self.answer else {}
        return bool(error) and not error.get("final") and not error.get("first")

    def said(self, limits: Limits) -> dict[str, int]:
        """Say which attempt it is, of how many; nothing where there is only the first."""
        return {"attempt": self.number, "attempts": limits.retries + 1} if self.number > 1 else {}


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

    def run(self, node: Node) -> bool:
        """Run one node, or re-use its results, and report it.

        Returns:
            Whether it came to a good end.
        """
        began = time.monotonic()
        attempt = _Attempt()
        limits = _limits(node)
        try:
            execution = tried(
                limits,
                lambda number: self._begin(node, attempt, number),
                lambda: attempt.is_curable,
                lambda wait: self._retry(node, began, attempt, wait),
                self._wait,
            )
            with self._lock:
                recorded = self.ledger.record(node, execution)
        except KeyboardInterrupt:
            stopped = {"message": "the run was stopped", "hint": "", "traceback": ""}
            self._fail(node, began, attempt, stopped, canceled=True)
            return False
        except Exception as error:  # noqa: BLE001 - the process's edge: TFX's launcher raises what it likes
            self._fail(node, began, attempt, attempt.answer.error if attempt.answer else _explain(error, self.plan))
            return False
        model = next((a["id"] for a in recorded.artifacts if a["type"] == "Model"), None)
        if model is not None:
            self._made[node.name] = model
        self.say(
            "step",
            step=node.name,
            state="complete" if attempt.answer else "cached",
            **attempt.said(limits),
            seconds=_seconds(began, attempt),
            execution=recorded.execution,
            artifacts=recorded.artifacts,
            facts=self.models[node.name].origin if node.name in self.models else recorded.facts,
        )
        return True

    def record_run(self) -> None:
        """Write on TFX's context of the run what it is of."""
        with self._lock:
            self.ledger.record_run()

    def _begin(self, node: Node, attempt: _Attempt, number: int) -> int:
        """Launch a node once; return the execution's id."""
        attempt.number, attempt.answer = number, None
        self.say("step", step=node.name, state="running", **attempt.said(_limits(node)))
        if not self.time.left:
            raise StepFailed(self.time.why, "'timeout' at the top of the pipeline file gives it more time")
        return self._launch(node, attempt)

    def _wait(self, seconds: float) -> None:
        """Wait until the next attempt, or until the run's time is over."""
        with self.clock.performing():
            self.performer.sleep(min(seconds, self.time.left))

    def _retry(self, node: Node, began: float, attempt: _Attempt, wait: float) -> None:
        """Close and report an attempt that failed, and keep its log."""
        assert attempt.answer is not None
        error = attempt.answer.error
        with self._lock:
            execution = self.ledger.fail(node, error["message"], attempt=attempt.number)
        keep_log(self.plan.folder, node.name, attempt.number)
        self.say(
            "step",
            step=node.name,
            state=events.RETRYING,
            **(attempt.said(_limits(node)) or {"attempt": 1, "attempts": _limits(node).retries + 1}),
            wait=round(min(wait, self.time.left), 1),
            seconds=_seconds(began, attempt),
            execution=execution,
            error=error,
        )

    def _launch(self, node: Node, attempt: _Attempt) -> int:
        """Run one node with TFX's launcher; return the execution's id."""
        deployment = runner_utils.extract_local_deployment_config(self.compiled)
        [found] = [n.pipeline_node for n in self.compiled.nodes if n.pipeline_node.node_info.id == node.name]
        compiled = as_attempt(found, self.plan.run, attempt.number)
        with self._lock:
            attempt.earlier = earlier(node, self.plan, self.ledger.models, self._model_before(node))
        if attempt.earlier:
            key = compiled.parameters.parameters[LATE[node.kind]]
            key.field_value.string_value = attempt.earlier["key"]
        info = launcher.Launcher(
            pipeline_node=compiled,
            mlmd_connection=metadata.Metadata(store_of(self.compiled)),
            pipeline_info=self.compiled.pipeline_info,
            pipeline_runtime_spec=self.compiled.runtime_spec,
            executor_spec=runner_utils.extract_executor_spec(deployment, node.name),
            custom_executor_operators=operators(lambda info: self._perform(node, info, attempt)),
        ).launch()
        return int(info.execution_id)

    def _model_before(self, node: Node) -> int:
        """Give the id of the newest model that the run has before a node; 0 for none."""
        before = self.nodes[: self.nodes.index(node)]
        return next((self._made[one.name] for one in reversed(before) if one.name in self._made), 0)

    def _perform(self, node: Node, info: ExecutionInfo, attempt: _Attempt) -> execution_result_pb2.ExecutorOutput:
        """Have one execution performed, and tell TFX's launcher how it ended."""
        self._warm_up(node)
        try:
            with self.clock.performing():
                attempt.answer = answer = (
                    not_cached(node.name, self.plan.first)
                    if node.name in self.again
                    else self.performer.perform(
                        node, info, attempt.earlier, lambda: self.time.limit(node.name, _limits(node).timeout)
                    )
                )
        except KeyboardInterrupt:
            outputs_utils.remove_output_dirs(info.output_dict)  # the launcher does so for other exceptions
            raise
        self.clock.add(answer.imports, answer.beam)
        if not answer.error:
            return execution_result_pb2.ExecutorOutput.FromString(answer.output)
        output = execution_result_pb2.ExecutorOutput()
        output.execution_result.code = 1
        output.execution_result.result_message = answer.error["message"]
        return output

    def _warm_up(self, node: Node) -> None:
        """Have imports begin that a later node needs, which will hardly be cached after one that was not."""
        if node.name not in self.again and any(
            parent_of(later, self.plan) == HEAVY
            for later in self.nodes[self.nodes.index(node) + 1 :]
            if later.name not in self.models
        ):
            self.performer.warm_up()

    def _fail(
        self, node: Node, began: float, attempt: _Attempt, error: dict[str, Any], *, canceled: bool = False
    ) -> None:
        with self._lock:
            execution = self.ledger.fail(node, error["message"], canceled=canceled, attempt=attempt.number)
        seconds, said = _seconds(began, attempt), attempt.said(_limits(node))
        self.say("step", step=node.name, state="failed", **said, seconds=seconds, execution=execution, error=error)


def _limits(node: Node) -> Limits:
    return node.step.limits if node.step else Limits()


def store_of(compiled: pipeline_pb2.Pipeline) -> Any:
    """Give the address of a pipeline's metadata store, as ML Metadata takes it."""
    deployment = runner_utils.extract_local_deployment_config(compiled)
    config = deployment.metadata_connection_config
    return getattr(config, config.WhichOneof("connection_config"))


def _seconds(began: float, attempt: _Attempt) -> float:
    """How long a node took, the imports left out that all steps share."""
    return round(time.monotonic() - began - (attempt.answer.imports if attempt.answer else 0), 3)


def _explain(error: Exception, plan: Plan) -> dict[str, str]:
    """Describe what went wrong in the conductor itself."""
    known = in_words(error, plan)
    message, hint = (known.message, known.hint) if known else (repr(error), "")
    return {"message": message, "hint": hint, "traceback": "".join(traceback.format_exception(error))}
