"""Check a pipeline against the steps that a commit holds."""

from __future__ import annotations

from collections.abc import Mapping

from zenrepo.backends.fits import INTERFACES, refuse_misfit_kinds, refuse_no_orchestrator_kind
from zenrepo.errors import UnknownName, did_you_mean
from zenrepo.pipeline_files.file import Entry, PipelineFile
from zenrepo.pipeline_files.order import ORDERS, Order, refuse_incomplete, refuse_order
from zenrepo.pipeline_files.rules import refuse_taken_name
from zenrepo.sources.model import StepFacts
from zenrepo.typed_yaml import Keys, Places


def check(pipeline: PipelineFile, known: Mapping[str, StepFacts], places: Places) -> dict[str, StepFacts]:
    """Refuse a pipeline that cannot run with the steps that are there.

    Args:
        pipeline: what the file says.
        known: what is known of each step and backend, the repository's and zenrepo's own, by type; of a pinned
            one, by its type with the pin as the file writes it.
        places: where in the file everything stands; ``Places(file)`` for a pipeline that was not read.

    Returns:
        What is known of each step of the pipeline, by the step's name.

    Raises:
        PipelineFileError: for a step or backend that is not there, an argument that is unknown or missing, steps in
            a wrong order, a name that is taken, and a backend that does not fit.
    """
    for name in pipeline.steps:
        with places.at("steps", name):
            refuse_taken_name(pipeline.name, name)
    facts = {keys: _facts(keys, entry, known, places) for keys, entry in pipeline.entries()}
    for keys, entry in pipeline.entries():
        _refuse_arguments(keys, entry, facts[keys], places)
    steps = {name: facts["steps", name] for name in pipeline.steps}
    for name, fact in steps.items():
        _refuse_backend_as_step(name, fact, places)
        if ("steps", name, "backend") in facts:
            backend = facts["steps", name, "backend"]
            with places.at("steps", name, "backend"):
                refuse_misfit_kinds(name, fact.kind, backend.type, backend.kind)
    if ("backend",) in facts:
        with places.at("backend", "type"):
            refuse_no_orchestrator_kind(facts["backend",].type, facts["backend",].kind)
    _refuse_order(ORDERS[pipeline.kind], {name: fact.kind for name, fact in steps.items()}, places)
    return steps


def pinned(pipeline: PipelineFile) -> list[str]:
    """List the pinned types of a pipeline, as it writes them: ``check`` must be told of each."""
    return [entry.type for _, entry in pipeline.entries() if entry.pin]


def _facts(keys: Keys, entry: Entry, known: Mapping[str, StepFacts], places: Places) -> StepFacts:
    if entry.type in known:
        return known[entry.type]
    with places.at(*keys, "type"):
        what = "backend" if keys[-1] == "backend" else "step"
        if entry.pin:
            raise UnknownName(f"{what} version", entry.type, known, _versions(entry.step_type))
        raise UnknownName(f"{what} type", entry.type, known, "'zenrepo steps' lists them; is its file committed?")


def _refuse_backend_as_step(name: str, facts: StepFacts, places: Places) -> None:
    if facts.kind in INTERFACES:
        hint = "name it as the 'backend' of a step, or of the pipeline"
        raise places.error(("steps", name, "type"), f"step '{name}' is a {facts.kind} backend, and no step", hint)


def _versions(step_type: str) -> str:
    return f"'zenrepo steps --type {step_type}' lists its versions"


def _refuse_arguments(keys: Keys, entry: Entry, facts: StepFacts, places: Places) -> None:
    owner = f"step '{keys[1]}'" if keys[-1] != "backend" else f"backend '{facts.type}'"
    for argument in entry.args:
        if argument not in facts.parameters and not facts.open:
            raise places.error(
                (*keys, "args", argument),
                f"{owner} takes no argument '{argument}'",
                did_you_mean(argument, facts.parameters) or _takes(facts),
            )
    for argument in facts.required:
        if argument not in entry.args:
            problem = f"{owner} needs the argument '{argument}'"
            raise places.error((*keys, "args"), problem, f"add '{argument}: …' to its args")


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
