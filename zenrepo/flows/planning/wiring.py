"""Which step of a pipeline takes its input from which, as the runner joins them; known without TFX.

The runner's own tables are made of TFX's types. A test compares the two, so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from zenrepo.runs.plan import PlannedStep
from zenrepo.values import NamedTuple

STATISTICS, SCHEMA, MODEL = "statistics", "schema", "model"
MAKES_EXAMPLES = ("data", "split", "sequencer", "custom")
TAKES_MODEL = ("evaluator", "inferrer")

TAKES: dict[str, tuple[str, ...]] = {
    "data": (),
    "split": ("data",),
    "sequencer": ("rows",),
    "custom": ("before",),
    STATISTICS: ("examples",),
    SCHEMA: ("statistics",),
    "preprocess": ("examples", "schema"),
    "trainer": ("transformed_examples", "transform_graph", "schema", "examples"),
    "evaluator": ("examples", "model", "schema", "transform_graph", "test_results"),
    "inferrer": ("examples", "model"),
    "deployer": ("model", "blessing"),
}
"""The inputs of each kind of step; those that nothing made are left open."""

MAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(MAKES_EXAMPLES, ("examples",)),
    STATISTICS: ("statistics",),
    SCHEMA: ("schema",),
    MODEL: ("model",),
    "preprocess": ("transform_graph", "transformed_examples"),
    "trainer": ("model", "model_run", "test_results"),
    "evaluator": ("evaluation", "blessing"),
    "inferrer": ("predictions",),
    "deployer": ("pushed_model",),
}
"""The outputs of each kind of step."""

JOINED = {"data": ("examples",), "rows": ("examples",), "before": ("transformed_examples", "examples")}
"""What the inputs are joined to whose names are not those of outputs: the first of these that is there."""


class Node(NamedTuple):
    """A step of a run, or what TFX does between the steps.

    Args:
        name: the step's name in the pipeline.
        kind: its kind of step, ``statistics``, ``schema`` or ``model``.
        step: the planned step; ``None`` for what stands between.
        model: the model that a node of kind ``model`` brings in.
    """

    name: str
    kind: str
    step: PlannedStep | None = None
    model: str = ""


def nodes_of(steps: list[PlannedStep]) -> list[Node]:
    """List what a plan runs, in order."""
    nodes = [Node(step.name, step.kind, step) for step in steps]
    place = next((i for i, node in enumerate(nodes) if node.kind not in MAKES_EXAMPLES), len(nodes))
    if place:
        nodes[place:place] = [Node(STATISTICS, STATISTICS), Node(SCHEMA, SCHEMA)]
    found: list[Node] = []
    for node in nodes:
        model = node.step.args.get(MODEL) if node.step and node.kind in TAKES_MODEL else None
        if isinstance(model, str) and model:
            is_first = all(one.kind != MODEL for one in found)
            found.append(Node(MODEL if is_first else f"{node.name}_{MODEL}", MODEL, None, model))
        found.append(node)
    return found


def makers(nodes: Iterable[Node]) -> dict[str, dict[str, str]]:
    """Name the step that each input comes from.

    Args:
        nodes: as `nodes_of` lists them.

    Returns:
        By the name of each node, the names of those that make its inputs, by input.
    """
    made: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {}
    for node in nodes:
        inputs = {key: _joined(key, made) for key in TAKES.get(node.kind, ())}
        found[node.name] = {key: made[output] for key, output in inputs.items() if output in made}
        for output in MAKES.get(node.kind, ()):
            made[_joined("before", made) if node.kind == "custom" else output] = node.name
    return found


def _joined(key: str, made: dict[str, str]) -> str:
    names = JOINED.get(key, (key,))
    return next((name for name in names if name in made), names[-1])
