"""Check a pipeline against the steps that a commit holds."""

from __future__ import annotations

from collections.abc import Mapping

from zenrepo.errors import UnknownName, did_you_mean
from zenrepo.pipeline_files.file import PipelineFile, StepEntry
from zenrepo.pipeline_files.order import ORDERS, Order, refuse_incomplete, refuse_order
from zenrepo.sources.model import StepFacts
from zenrepo.typed_yaml import Places


def check(pipeline: PipelineFile, known: Mapping[str, StepFacts], places: Places) -> dict[str, StepFacts]:
    """Refuse a pipeline that cannot run with the steps that are there.

    Args:
        pipeline: what the file says.
        known: what is known of each step, the repository's and zenrepo's own, by step type; of a pinned
            step, by its step type with the pin as the file writes it.
        places: where in the file everything stands; ``Places(file)`` for a pipeline that was not read.

    Returns:
        What is known of each step of the pipeline, by the step's name.

    Raises:
        PipelineFileError: for a step that is not there, an argument that is unknown or missing, and steps in
            a wrong order.
    """
    facts = {name: _facts(name, entry, known, places) for name, entry in pipeline.steps.items()}
    for name, entry in pipeline.steps.items():
        _refuse_arguments(name, entry, facts[name], places)
    _refuse_order(ORDERS[pipeline.kind], {name: fact.kind for name, fact in facts.items()}, places)
    return facts


def pinned(pipeline: PipelineFile) -> list[str]:
    """List the pinned step types of a pipeline, as it writes them: ``check`` must be told of each."""
    return [entry.type for entry in pipeline.steps.values() if entry.pin]


def _facts(name: str, entry: StepEntry, known: Mapping[str, StepFacts], places: Places) -> StepFacts:
    if entry.type in known:
        return known[entry.type]
    with places.at("steps", name, "type"):
        if entry.pin:
            raise UnknownName("step version", entry.type, known, _versions(entry.step_type))
        raise UnknownName("step type", entry.type, known, "'zenrepo steps' lists them; is its file committed?")


def _versions(step_type: str) -> str:
    return f"'zenrepo steps --type {step_type}' lists its versions"


def _refuse_arguments(name: str, entry: StepEntry, facts: StepFacts, places: Places) -> None:
    for argument in entry.args:
        if argument not in facts.parameters and not facts.open:
            raise places.error(
                ("steps", name, "args", argument),
                f"step '{name}' takes no argument '{argument}'",
                did_you_mean(argument, facts.parameters) or _takes(facts),
            )
    for argument in facts.required:
        if argument not in entry.args:
            problem = f"step '{name}' needs the argument '{argument}'"
            raise places.error(("steps", name, "args"), problem, f"add '{argument}: …' to its args")


def _takes(facts: StepFacts) -> str:
    taken = ", ".join(facts.parameters)
    return f"'{facts.type}' takes {taken}" if taken else f"'{facts.type}' takes no arguments"


def _refuse_order(order: Order, kinds: Mapping[str, str], places: Places) -> None:
    before: dict[str, str] = {}
    for name, kind in kinds.items():
        with places.at("steps", name):
            refuse_order(order, before, name, kind)
        before[name] = kind
    with places.at("steps"):
        refuse_incomplete(order, kinds)
