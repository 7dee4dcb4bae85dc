"""What a forked child does: makes itself at home in the run, performs one step and writes its answer to a file."""

from __future__ import annotations

import base64
import copy
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from absl import logging
from tfx.orchestration.portable import outputs_utils
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.orchestration import execution_invocation_pb2, execution_result_pb2

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts.wholeness import FACTS, seal
from zenrepo.runner.executors import EXECUTORS
from zenrepo.runner.performing.failure import describe
from zenrepo.runner.performing.origins import refuse_working_tree
from zenrepo.runner.performing.step_load import backend_of, config_of, step_of
from zenrepo.runner.performing.step_log import divert
from zenrepo.runner.performing.work import Work
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.runs.watching.progress import progress_file
from zenrepo.steps import base, progress


def perform(request: dict[str, Any]) -> None:
    """Perform the step of a request, and write to the request's file what became of it.

    Args:
        request: as ``performer`` makes it.
    """
    known = frozenset(sys.modules)
    plan = Plan.of(request["plan"])
    step = PlannedStep.of(request["step"]) if request["step"] else None
    end_log = divert(request["log"])
    _settle(plan, step, request["log"])
    answer: dict[str, Any] = {"output": "", "beam": 0.0, "error": {}}
    work = None
    os.umask(mask := os.umask(0))
    try:
        work = _work(plan, step, request)
        refuse_working_tree(plan, known)
        EXECUTORS[request["kind"]](work)
        refuse_working_tree(plan, known)  # what was imported on the way
        answer["output"] = base64.b64encode(_output(work).SerializeToString()).decode("ascii")
    except BaseException as error:  # noqa: BLE001 - the process's edge: a step's code raises what it likes
        answer["error"] = describe(error, request["name"], plan.source_roots, plan.checkout, plan.repository)
        _print(answer["error"]["traceback"])
    os.umask(mask)  # the step may have set another, under which nobody could read the answer
    answer["beam"] = work.beam_seconds if work else 0.0
    _print("")
    file = Path(request["answer"])
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(answer), encoding="utf-8")
    end_log()
    beside.replace(file)


def _print(text: str) -> None:
    """Write the last words of the log, unless the step has closed what they would go through."""
    for stream, words in ((sys.stdout, ""), (sys.stderr, text)):
        with suppress(OSError, ValueError):
            stream.write(words)
            stream.flush()


def _settle(plan: Plan, step: PlannedStep | None, log: str) -> None:
    """Go where the step runs: its folder, its sources, its inputs, and where it says how far it is."""
    logging.set_verbosity(logging.WARNING)
    os.chdir(plan.checkout)
    sys.path[0:0] = plan.source_roots
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [*plan.source_roots, os.environ.get("PYTHONPATH", "")]))
    base.run_home["repository"] = plan.repository
    progress.begin(progress_file(log))
    if step is not None:
        base.run_inputs.update({path: file.path for path, file in step.inputs.items()})


def _work(plan: Plan, step: PlannedStep | None, request: dict[str, Any]) -> Work:
    invocation = execution_invocation_pb2.ExecutionInvocation.FromString(base64.b64decode(request["invocation"]))
    info = ExecutionInfo.from_proto(invocation)
    config = config_of(plan, step) if step else {}
    made = step_of(config) if step else None
    backend = backend_of(plan, step.name, step.backend) if step and step.backend else None
    if step and made and step.kind != made.KIND:
        raise StepFailed(f"step '{step.name}' is a {made.KIND} step, but stands in the place of a {step.kind} step")
    outputs = copy.deepcopy(info.output_dict)
    return Work(request["name"], made, config, info, info.input_dict, outputs, request["earlier"], backend)


def _output(work: Work) -> execution_result_pb2.ExecutorOutput:
    """Say what the outputs are now, sealed, and what the step found out."""
    facts = work.facts | (work.step.facts if work.step else {})
    for artifacts in work.outputs.values():
        for artifact in artifacts:
            seal(artifact)
            artifact.set_string_custom_property(FACTS, json.dumps(facts, ensure_ascii=False))
    output = execution_result_pb2.ExecutorOutput()
    outputs_utils.populate_output_artifact(output, work.outputs)
    return output
