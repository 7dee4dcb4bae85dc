"""From the entry of a step in a pipeline file to the step of a plan, with its version and the data that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zenrepo.errors import UsageError
from zenrepo.flows.planning.held import Known
from zenrepo.flows.planning.inputs import Inputs, of_datasource
from zenrepo.flows.planning.limits import limits_of
from zenrepo.pipeline_files.file import Entry, StepEntry
from zenrepo.runs.plan import Input, PlannedBackend, PlannedStep
from zenrepo.sources.release import RELEASE

DATASOURCE_STEP = "zenrepo.steps.DatasourceStep"


class Find(NamedTuple):
    """Finds the data that steps name.

    Args:
        inputs: finds files.
        store: of the artifacts, where the commits of datasources are.
        datasources: the names of those that the commit has.
        bare: whether the repository has no working tree.
    """

    inputs: Inputs
    store: Path
    datasources: list[str]
    bare: bool

    def of(self, entry: StepEntry, kind: str) -> tuple[dict[str, Any], dict[str, Input]]:
        """Give the arguments of a step, the commit of a datasource among them settled, and its inputs."""
        if entry.step_type == DATASOURCE_STEP:
            commit, found = of_datasource(entry.args, self.store, self.datasources)
            return {**entry.args, "commit": commit}, dict([found])
        return entry.args, dict(self.inputs.of(entry.args, kind))


def planned_step(
    name: str, entry: StepEntry, held: Mapping[str, Known], find: Find, classes: dict[str, str]
) -> PlannedStep:
    """Plan a step.

    Args:
        name: in the pipeline file.
        entry: what the file says of it.
        held: the step versions that can be named, by what a pipeline file calls them.
        find: finds its data.
        classes: those that its arguments name, with their code digests, by their place.

    Raises:
        UsageError: where a bare repository's commit does not hold the data.
    """
    known = held[entry.type]
    kind = known.version.kind
    args, inputs = find.of(entry, kind)
    if kind == "data" and find.bare:
        _refuse_absent(name, args.get("path"), inputs, find.inputs.root)
    return PlannedStep(
        name=name,
        kind=kind,
        type=entry.step_type,
        version=known.name,
        pinned=bool(entry.pin) and known.name != RELEASE,
        code_digest=known.version.code_digest,
        source_digest=known.source_digest,
        args=args,
        inputs=inputs,
        classes=classes,
        backend=planned_backend(entry.backend, held),
        limits=limits_of(entry),
    )


def _refuse_absent(step: str, path: object, found: Mapping[str, Input], files: Path) -> None:
    """Refuse data that a bare repository has no place for: nobody can have forgotten to commit a file there."""
    if isinstance(path, str) and path not in found:
        raise UsageError(
            f"step '{step}' reads '{path}', which the commit does not hold, and a bare repository has no working tree",
            f"commit it, or put it at '{files / path}'",
        )


def planned_backend(entry: Entry | None, held: Mapping[str, Known]) -> PlannedBackend | None:
    """Plan a backend; ``None`` where the pipeline file names none."""
    if entry is None:
        return None
    known = held[entry.type]
    pinned = bool(entry.pin) and known.name != RELEASE
    return PlannedBackend(entry.step_type, known.name, pinned, known.version.code_digest, entry.args)
