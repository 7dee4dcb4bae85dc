"""The turn of one node: launched with TFX's launcher, performed where it is not cached, recorded and reported."""

from __future__ import annotations

import time
import traceback
from typing import Any

from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import launcher, outputs_utils
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.orchestration import execution_result_pb2

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts.storage import in_words
from zenrepo.runner.compiling.pipeline import LATE, Node
from zenrepo.runner.conducting.attempts import as_attempt, keep_log, tried
from zenrepo.runner.conducting.handoff import operators
from zenrepo.runner.conducting.partial import not_cached
from zenrepo.runner.conducting.performer import Answer
from zenrepo.runner.conducting.stage import Stage, store_of
from zenrepo.runs import events
from zenrepo.runs.plan import Limits, Plan


class Turn:
    """The turn of a node on the stage of its run.

    Args:
        stage: of the run.
        node: whose turn it is.
    """

    def __init__(self, stage: Stage, node: Node) -> None:
        self._stage, self._node = stage, node
        self._limits = node.step.limits if node.step else Limits()
        self._began = time.monotonic()
        self._attempt = 0
        self._answer: Answer | None = None  # of the performer, where the node is not cached
        self._earlier: dict[str, Any] = {}

    def take(self) -> bool:
        """Run the node, or re-use its results, and report it.

        Returns:
            Whether it came to a good end.
        """
        try:
            execution = tried(self._limits, self._begin, self._is_curable, self._retry, self._wait)
            recorded = self._stage.record(self._node, execution)
        except KeyboardInterrupt:
            self._fail({"message": "the run was stopped", "hint": "", "traceback": ""}, canceled=True)
            return False
        except Exception as error:  # noqa: BLE001 - the process's edge: TFX's launcher raises what it likes
            performed_badly = self._answer.error if self._answer else {}
            self._fail(performed_badly or _explain(error, self._stage.plan))
            return False
        from_outside = self._stage.models.get(self._node.name)
        self._say(
            "complete" if self._answer else "cached",
            seconds=self._seconds(),
            execution=recorded.execution,
            artifacts=recorded.artifacts,
            facts=from_outside.origin if from_outside else recorded.facts,
        )
        return True

    def _begin(self, attempt: int) -> int:
        """Launch the node once; return the execution's id."""
        self._attempt, self._answer, self._began = attempt, None, time.monotonic()
        self._say("running")
        if not self._stage.time.left:
            raise StepFailed(self._stage.time.why, "'timeout' at the top of the pipeline file gives it more time")
        return self._launch()

    def _launch(self) -> int:
        """Run the node with TFX's launcher; return the execution's id."""
        name, compiled = self._node.name, self._stage.compiled
        [found] = [n.pipeline_node for n in compiled.nodes if n.pipeline_node.node_info.id == name]
        node = as_attempt(found, self._stage.plan.run, self._attempt)
        self._earlier = self._stage.earlier(self._node)
        if self._earlier:
            node.parameters.parameters[LATE[self._node.kind]].field_value.string_value = self._earlier["key"]
        deployment = runner_utils.extract_local_deployment_config(compiled)
        info = launcher.Launcher(
            pipeline_node=node,
            mlmd_connection=metadata.Metadata(store_of(compiled)),
            pipeline_info=compiled.pipeline_info,
            pipeline_runtime_spec=compiled.runtime_spec,
            executor_spec=runner_utils.extract_executor_spec(deployment, name),
            custom_executor_operators=operators(self._perform),
        ).launch()
        return int(info.execution_id)

    def _perform(self, info: ExecutionInfo) -> execution_result_pb2.ExecutorOutput:
        """Have one execution performed, and tell TFX's launcher how it ended."""
        stage = self._stage
        stage.warm_up(self._node)
        try:
            with stage.clock.performing():
                self._answer = answer = self._answered(info)
        except KeyboardInterrupt:
            outputs_utils.remove_output_dirs(info.output_dict)  # the launcher does so for other exceptions
            raise
        stage.clock.add(answer.imports, answer.beam)
        if not answer.error:
            return execution_result_pb2.ExecutorOutput.FromString(answer.output)
        output = execution_result_pb2.ExecutorOutput()
        output.execution_result.code = 1
        output.execution_result.result_message = answer.error["message"]
        return output

    def _answered(self, info: ExecutionInfo) -> Answer:
        name, stage = self._node.name, self._stage
        if name in stage.again:
            return not_cached(name, stage.plan.first)
        return stage.performer.perform(
            self._node, info, self._earlier, lambda: stage.time.limit(name, self._limits.timeout)
        )

    def _is_curable(self) -> bool:
        """Say whether the attempt has failed, and another one may do better."""
        error = self._answer.error if self._answer else {}
        return bool(error) and not error.get("final") and not error.get("first")

    def _retry(self, wait: float) -> None:
        """Close and report an attempt that failed, and keep its log."""
        assert self._answer is not None
        error = self._answer.error
        execution = self._stage.fail(self._node, error["message"], self._attempt)
        keep_log(self._stage.plan.folder, self._node.name, self._attempt)
        wait = round(min(wait, self._stage.time.left), 1)
        self._say(events.RETRYING, wait=wait, seconds=self._seconds(), execution=execution, error=error)

    def _wait(self, seconds: float) -> None:
        """Wait until the next attempt, or until the run's time is over."""
        with self._stage.clock.performing():
            self._stage.performer.sleep(min(seconds, self._stage.time.left))

    def _fail(self, error: dict[str, Any], *, canceled: bool = False) -> None:
        execution = None
        try:
            execution = self._stage.fail(self._node, error["message"], self._attempt, canceled=canceled)
        finally:  # where ML Metadata cannot be written, the reason is told all the same
            self._say("failed", seconds=self._seconds(), execution=execution, error=error)

    def _say(self, state: str, **data: Any) -> None:
        """Report the node's state, and which attempt it is, of how many, where the first is not the only one."""
        if self._attempt > 1 or state == events.RETRYING:
            data = {"attempt": self._attempt, "attempts": self._limits.retries + 1, **data}
        self._stage.say("step", step=self._node.name, state=state, **data)

    def _seconds(self) -> float:
        """How long this attempt took, the imports left out that all steps share."""
        return round(time.monotonic() - self._began - (self._answer.imports if self._answer else 0), 3)


def _explain(error: Exception, plan: Plan) -> dict[str, str]:
    """Describe what went wrong in the conductor itself."""
    known = in_words(error, plan)
    message, hint = (known.message, known.hint) if known else (repr(error), "")
    return {"message": message, "hint": hint, "traceback": "".join(traceback.format_exception(error))}
