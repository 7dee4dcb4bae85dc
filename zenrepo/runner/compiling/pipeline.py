"""From a plan to a compiled TFX pipeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfx.dsl.compiler import compiler, constants
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable import runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2
from tfx.types import channel_utils, standard_artifacts

from zenrepo import __version__
from zenrepo.errors import UnknownName, UsageError
from zenrepo.pipeline_files.rules import refuse_taken_name
from zenrepo.runner.compiling.components import BASELINE, COMPONENTS, JOINED, REPLACES
from zenrepo.runner.compiling.lookback import within_run
from zenrepo.runner.compiling.outside import MODEL, TAKES_MODEL, OutsideModel
from zenrepo.runs.plan import Plan, PlannedStep

BETWEEN = {
    "statistics": "tfx.components.StatisticsGen",
    "schema": "tfx.components.SchemaGen",
}
"""The nodes that TFX works in once the examples are there, by name and kind, with the type they are reported as."""

LATE = {"evaluator": BASELINE, "deployer": REPLACES}
"""By kind of step, the part of its cache key that is known only when it is its turn."""

IMPORTER = "tfx.dsl.components.common.importer.Importer"

MADE_BY = {
    "examples": "a data step",
    "transform_graph": "a preprocess step",
    "transformed_examples": "a preprocess step",
    "model": "a trainer step",
}

MAKES_EXAMPLES = ("data", "split", "sequencer", "custom")
"""The kinds whose output the statistics describe: those of the last one of them that comes before any other kind."""


@dataclass(frozen=True)
class Node:
    """One node of the pipeline.

    Args:
        name: its id in TFX.
        kind: its kind of step, ``statistics``, ``schema`` or ``model``.
        type: its step type, or TFX's component.
        step: the planned step; ``None`` for a node of TFX's own.
        model: the model that a node of kind ``model`` brings in, as a step's argument names it.
    """

    name: str
    kind: str
    type: str
    step: PlannedStep | None
    model: str = ""


def nodes_of(plan: Plan) -> list[Node]:
    """List the nodes of a plan in the order in which they run."""
    for step in plan.steps:
        refuse_taken_name(plan.pipeline, step.name)
    nodes = [Node(step.name, step.kind, step.type, step) for step in plan.steps]
    place = next((i for i, node in enumerate(nodes) if node.kind not in MAKES_EXAMPLES), len(nodes))
    between = [Node(name, name, component, None) for name, component in BETWEEN.items()]
    whole = _with_models([*nodes[:place], *between, *nodes[place:]] if place else nodes)
    return whole[: [node.name for node in whole].index(plan.last) + 1] if plan.last else whole


def _with_models(nodes: list[Node]) -> list[Node]:
    """Put right before each step that names a model from outside the node that brings it in."""
    found: list[Node] = []
    for node in nodes:
        model = node.step.args.get(MODEL) if node.step and node.kind in TAKES_MODEL else None
        if isinstance(model, str) and model:
            _refuse_trainer(node, model, found)
            is_first = all(one.kind != MODEL for one in found)
            found.append(Node(MODEL if is_first else f"{node.name}_{MODEL}", MODEL, IMPORTER, None, model))
        found.append(node)
    return found


def _refuse_trainer(node: Node, model: str, before: list[Node]) -> None:
    for one in before:
        if one.kind == "trainer":
            raise UsageError(
                f"step '{node.name}' is given the model '{model}', but step '{one.name}' before it trains one",
                "leave the argument 'model' out, or the trainer",
            )


def compile_pipeline(plan: Plan, nodes: list[Node], models: dict[str, OutsideModel]) -> pipeline_pb2.Pipeline:
    """Compile the nodes for TFX's launcher.

    Args:
        plan: the run.
        nodes: as ``nodes_of`` lists them.
        models: those from outside, by the name of the node that brings them in.

    Returns:
        TFX's intermediate representation, with the run's id in place.

    Raises:
        UsageError: where a step stands before the one that makes what it needs.
    """
    Path(plan.metadata_store).parent.mkdir(parents=True, exist_ok=True)
    pipeline = Pipeline(
        pipeline_name=plan.pipeline,
        pipeline_root=str(plan.outputs),
        components=_connect(plan, nodes, models),
        enable_cache=plan.cache,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(plan.metadata_store),
    )
    compiled = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: plan.run})
    within_run(compiled, plan.run)
    _use_again(compiled, plan.before_first(node.name for node in nodes))
    return compiled


def _use_again(compiled: pipeline_pb2.Pipeline, names: set[str]) -> None:
    """Have some nodes look for earlier results, whatever holds for the others."""
    for node in (each.pipeline_node for each in compiled.nodes):
        if node.node_info.id in names:
            node.execution_options.caching_options.enable_cache = True


def _connect(plan: Plan, nodes: list[Node], models: dict[str, OutsideModel]) -> list[BaseNode]:
    """Make the components, each input joined to the newest output of the same name."""
    made: dict[str, Any] = {}
    components: list[BaseNode] = []
    for node in nodes:
        if node.kind == MODEL:
            components.append(_importer(models[node.name]).with_id(node.name))
            made |= components[-1].outputs
            continue
        if node.kind not in COMPONENTS:
            raise UnknownName("kind of step", node.kind, COMPONENTS)
        component = COMPONENTS[node.kind]
        spec = component.SPEC_CLASS(**_inputs(node, made), **_outputs(node), **_parameters(node, plan))
        components.append(component(spec=spec).with_id(node.name))
        outputs = components[-1].outputs
        made |= {_output_name(node, key, made): channel for key, channel in outputs.items()}
    return components


def _importer(model: OutsideModel) -> Importer:
    """Make TFX's node that brings a model in: as the artifact that it is already, or as a new one."""
    return Importer(model.uri, standard_artifacts.Model, custom_properties=model.properties, output_key=MODEL)


def _inputs(node: Node, made: dict[str, Any]) -> dict[str, Any]:
    inputs = {}
    for key, parameter in COMPONENTS[node.kind].SPEC_CLASS.INPUTS.items():
        joined = _joined(key, made)
        if joined in made:
            inputs[key] = made[joined]
        elif not parameter.optional:
            named = ", or name one with the argument 'model'" if key == MODEL and node.kind in TAKES_MODEL else ""
            raise UsageError(f"step '{node.name}' needs '{joined}'", f"put {MADE_BY[joined]} before it{named}")
    return inputs


def _joined(key: str, made: dict[str, Any]) -> str:
    """Name the output that an input is joined to."""
    names = JOINED.get(key, (key,))
    return next((name for name in names if name in made), names[-1])


def _output_name(node: Node, key: str, made: dict[str, Any]) -> str:
    """Name an output for the steps after it; what a custom step makes stands for what it took."""
    return _joined("before", made) if node.kind == "custom" else key


def _outputs(node: Node) -> dict[str, Any]:
    return {
        key: channel_utils.as_channel([parameter.type()])
        for key, parameter in COMPONENTS[node.kind].SPEC_CLASS.OUTPUTS.items()
    }


def _parameters(node: Node, plan: Plan) -> dict[str, str]:
    """The part of a step's cache key that is not its input artifacts."""
    environment = canonical(plan.environment)
    if node.step is None:
        return {"environment": environment}
    digests = {path: file.digest for path, file in node.step.inputs.items()} | node.step.classes
    return {
        "step_type": node.step.type,
        "code_digest": node.step.code_digest,
        "args": canonical(node.step.args),
        "inputs": canonical(digests),
        "zenrepo": __version__,
        "environment": environment,
    } | ({LATE[node.kind]: ""} if node.kind in LATE else {})


def canonical(value: Any) -> str:
    """Write a value as JSON that is the same whenever the value is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
