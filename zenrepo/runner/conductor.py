"""The conductor: runs the nodes of a plan one after the other with TFX's launcher, and reports.

TensorFlow and Beam are never imported here, so what is wholly cached is done in a second.
"""

from __future__ import annotations

import time
import traceback
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

from absl import logging
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import cache_utils, launcher, outputs_utils
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.orchestration import execution_result_pb2, pipeline_pb2

from zenrepo.errors import ZenrepoError
from zenrepo.metadata.models import Models
from zenrepo.runner import lookback, wholeness
from zenrepo.runner.earlier import earlier
from zenrepo.runner.handoff import operators
from zenrepo.runner.ledger import Ledger
from zenrepo.runner.outside import OutsideModel, find
from zenrepo.runner.partial import not_cached
from zenrepo.runner.performer import Answer, Performer
from zenrepo.runner.pipeline import LATE, Node, compile_pipeline, nodes_of
from zenrepo.runs import events
from zenrepo.runs.plan import Plan


@dataclass
class _Clock:
    """Where the seconds of a run go. What is neither imports, Beam nor work is ML Metadata's and TFX's own."""

    began: float = field(default_factory=time.monotonic)
    beam: float = 0.0
    performing: float = 0.0

    def parts(self, before: float, imports: float) -> dict[str, float]:
        """Divide the seconds so far, of which ``before`` passed on the conductor's imports before this clock began."""
        total = time.monotonic() - self.began
        parts = {
            "imports": before + imports,
            "metadata": total - self.performing,
            "beam": self.beam,
            "work": self.performing - imports - self.beam,
        }
        return {name: round(max(seconds, 0.0), 3) for name, seconds in parts.items()}


@dataclass
class _Stage:
    """What the launcher of every node needs."""

    plan: Plan
    compiled: pipeline_pb2.Pipeline
    ledger: Ledger
    performer: Performer
    clock: _Clock
    models: dict[str, OutsideModel]
    again: set[str]
    answer: Answer | None = None
    earlier: dict[str, Any] = field(default_factory=dict)
    model: int = 0

    def lap(self) -> float:
        """Seconds since some time, those left out that went into the steps' common imports."""
        return time.monotonic() - self.performer.imports

    def launch(self, node: Node) -> int:
        """Run one node, or re-use its results, with TFX's launcher; return the execution's id."""
        deployment = runner_utils.extract_local_deployment_config(self.compiled)
        self.answer = None
        [compiled] = [n.pipeline_node for n in self.compiled.nodes if n.pipeline_node.node_info.id == node.name]
        self.earlier = earlier(node, self.plan, self.ledger.models, self.model)
        if self.earlier:
            key = compiled.parameters.parameters[LATE[node.kind]]
            key.field_value.string_value = self.earlier["key"]
        info = launcher.Launcher(
            pipeline_node=compiled,
            mlmd_connection=metadata.Metadata(_store(self.compiled)),
            pipeline_info=self.compiled.pipeline_info,
            pipeline_runtime_spec=self.compiled.runtime_spec,
            executor_spec=runner_utils.extract_executor_spec(deployment, node.name),
            custom_executor_operators=operators(lambda info: self.perform(node, info)),
        ).launch()
        return int(info.execution_id)

    def perform(self, node: Node, info: ExecutionInfo) -> execution_result_pb2.ExecutorOutput:
        """Have one execution performed, and tell TFX's launcher how it ended."""
        began = time.monotonic()
        try:
            self.answer = answer = (
                not_cached(node.name, self.plan.first)
                if node.name in self.again
                else self.performer.perform(node, info, self.earlier)
            )
        except KeyboardInterrupt:
            self.performer.close()
            outputs_utils.remove_output_dirs(info.output_dict)  # the launcher does so for other exceptions
            raise
        self.clock.performing += time.monotonic() - began
        self.clock.beam += answer.beam
        if not answer.error:
            return execution_result_pb2.ExecutorOutput.FromString(answer.output)
        output = execution_result_pb2.ExecutorOutput()
        output.execution_result.code = 1
        output.execution_result.result_message = answer.error["message"]
        return output


def conduct(plan: Plan, out: TextIO, before: float = 0.0) -> bool:
    """Execute a plan.

    Args:
        plan: the run.
        out: where the events go, see ``zenrepo.runs.events``.
        before: seconds that this process has spent on imports.

    Returns:
        Whether the run came to a good end.
    """
    logging.set_verbosity(logging.FATAL)  # what fails is reported as an event
    cache_utils.artifact_utils.verify_artifacts = wholeness.verify  # TFX's asks less; it takes no function of ours
    cache_utils.get_cached_outputs = lookback.cached_outputs  # TFX's reads all that there ever was; likewise
    clock = _Clock()
    nodes = nodes_of(plan)
    steps = [{"name": n.name, "kind": n.kind, "type": n.type} for n in nodes]
    events.write(out, "run", state="running", steps=steps)
    models = _outside(plan, nodes)
    compiled = compile_pipeline(plan, nodes, models)
    with closing(Performer(plan)) as performer:
        again = plan.before_first(node.name for node in nodes)
        stage = _Stage(plan, compiled, Ledger(_store(compiled), plan), performer, clock, models, again)
        if plan.left_open:
            stage.ledger.close(plan.left_open)
            events.write(out, "closed", runs=list(plan.left_open))
        complete = _run_all(stage, nodes, out)
    parts = clock.parts(before, performer.imports)
    state = "complete" if complete else "failed"
    events.write(out, "run", state=state, seconds=round(sum(parts.values()), 3), parts=parts)
    return complete


def _run_all(stage: _Stage, nodes: list[Node], out: TextIO) -> bool:
    for position, node in enumerate(nodes):
        good = _run(stage, node, out)
        if position == 0 or not good:
            stage.ledger.record_run()
        if not good:
            for skipped in nodes[position + 1 :]:
                events.write(out, "step", step=skipped.name, state="skipped")
            return False
    return True


def _run(stage: _Stage, node: Node, out: TextIO) -> bool:
    """Run one node and report it."""
    began = stage.lap()
    events.write(out, "step", step=node.name, state="running")
    try:
        recorded = stage.ledger.record(node, stage.launch(node))
        stage.model = next((a["id"] for a in recorded.artifacts if a["type"] == "Model"), stage.model)
    except KeyboardInterrupt:
        _fail(
            stage,
            node,
            out,
            began,
            {"message": "the run was stopped", "hint": "", "traceback": ""},
            canceled=True,
        )
        return False
    except Exception as error:  # noqa: BLE001 - the process's edge: TFX's launcher raises what it likes
        _fail(stage, node, out, began, stage.answer.error if stage.answer else _explain(error))
        return False
    events.write(
        out,
        "step",
        step=node.name,
        state="complete" if stage.answer else "cached",
        seconds=round(stage.lap() - began, 3),
        execution=recorded.execution,
        artifacts=recorded.artifacts,
        facts=stage.models[node.name].origin if node.name in stage.models else recorded.facts,
    )
    return True


def _fail(
    stage: _Stage, node: Node, out: TextIO, began: float, error: dict[str, str], *, canceled: bool = False
) -> None:
    stage.performer.close()
    execution = stage.ledger.fail(node, error["message"], canceled=canceled)
    seconds = round(stage.lap() - began, 3)
    events.write(out, "step", step=node.name, state="failed", seconds=seconds, execution=execution, error=error)


def _outside(plan: Plan, nodes: list[Node]) -> dict[str, OutsideModel]:
    """Find the models from outside, by the name of the node that brings each in; the step that names it is next."""
    wanted = [(node, after.step) for node, after in pairwise(nodes) if node.model and after.step]
    if not wanted:
        return {}
    Path(plan.metadata_store).parent.mkdir(parents=True, exist_ok=True)
    models = Models.at(plan.metadata_store)
    return {node.name: find(node.model, plan, models, step) for node, step in wanted}


def _explain(error: Exception) -> dict[str, str]:
    """Describe what went wrong in the conductor itself."""
    message, hint = (error.message, error.hint) if isinstance(error, ZenrepoError) else (repr(error), "")
    return {"message": message, "hint": hint, "traceback": "".join(traceback.format_exception(error))}


def _store(compiled: pipeline_pb2.Pipeline) -> Any:
    deployment = runner_utils.extract_local_deployment_config(compiled)
    config = deployment.metadata_connection_config
    return getattr(config, config.WhichOneof("connection_config"))
