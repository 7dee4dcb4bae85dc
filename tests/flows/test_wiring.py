"""What the light half knows of how steps are joined is what the runner does."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.flows.planning import wiring
from zenrepo.runs.plan import Plan, PlannedStep

pytestmark = pytest.mark.heavy


def planned(name: str, kind: str, **args: Any) -> PlannedStep:
    """Plan a step."""
    return PlannedStep(name, kind, f"steps.{kind}", "c" * 40, False, "d" * 64, "e" * 64, args)


PIPELINES = [
    ["data"],
    ["data", "split", "sequencer"],
    ["data", "split", "preprocess", "trainer", "evaluator", "deployer"],
    ["data", "split", "sequencer", "preprocess", "trainer", "deployer"],
    ["data", "custom", "split", "preprocess", "custom", "trainer", "trainer", "evaluator"],
]


def plan_of(steps: list[PlannedStep]) -> Plan:
    """Plan a run."""
    return Plan("p-1", "p", "f" * 64, "c" * 40, "a" * 40, "/", "/", ["/"], "/m.db", "/a", "/r", True, steps)


def test_inputs_and_outputs_are_those_of_the_components() -> None:
    """For each kind of step."""
    from zenrepo.runner.compiling.components import COMPONENTS, JOINED

    specs = {kind: component.SPEC_CLASS for kind, component in COMPONENTS.items()}
    assert {kind: tuple(spec.INPUTS) for kind, spec in specs.items()} == wiring.TAKES
    assert {kind: tuple(spec.OUTPUTS) for kind, spec in specs.items()} | {"model": ("model",)} == wiring.MAKES
    assert wiring.JOINED == JOINED


@pytest.mark.parametrize("kinds", PIPELINES)
def test_nodes_and_their_makers_are_those_that_the_runner_compiles(kinds: list[str]) -> None:
    """TFX's own nodes between the steps, and where each input comes from."""
    from zenrepo.runner.compiling.pipeline import _connect, nodes_of

    steps = [planned(f"{kind}_{number}", kind) for number, kind in enumerate(kinds)]
    plan = plan_of(steps)
    nodes = nodes_of(plan)
    mine = wiring.nodes_of(steps)
    joined = {
        component.id: {key: channel.producer_component_id for key, channel in component.inputs.items()}
        for component in _connect(plan, nodes, {})
    }

    assert [(node.name, node.kind) for node in mine] == [(node.name, node.kind) for node in nodes]
    assert wiring.makers(mine) == joined


def test_models_from_elsewhere_stand_where_the_runner_puts_them() -> None:
    """Right before the step that names one; the second has a name of its own."""
    from zenrepo.runner.compiling.pipeline import nodes_of

    steps = [planned("data", "data"), planned("one", "inferrer", model="a"), planned("two", "evaluator", model="b")]

    assert [tuple(node) for node in wiring.nodes_of(steps)] == [
        (node.name, node.kind, node.step, node.model) for node in nodes_of(plan_of(steps))
    ]
