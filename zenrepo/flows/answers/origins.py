"""Where an artifact or a deployed model comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zenrepo.errors import UnknownName, UsageError, ZenrepoError
from zenrepo.flows.planning import stores
from zenrepo.layout import Layout
from zenrepo.lineage.graph import Graph
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.named import number_of
from zenrepo.runs.processes.launch import NEEDED

if TYPE_CHECKING:  # see _reader
    from zenrepo.metadata.read import MetadataReader


class MadeNothing(ZenrepoError):
    """A run that made nothing, so that there is nothing to trace."""


def origins(layout: Layout, subject: str) -> tuple[list[int], Graph]:
    """Find all that something comes from.

    Args:
        layout: of the repository.
        subject: a run's number or name; ``artifact:<id>``; a step type; or the folder or address that a model was
            deployed to.

    Returns:
        The ids of the artifacts that are meant, and the graph of what they come from.

    Raises:
        UsageError: where the subject means nothing.
        MadeNothing: where it is a run that made nothing.
    """
    reader = _reader(layout)
    kind, _, number = subject.partition(":")
    if run := _run(layout, subject):
        wanted = reader.artifacts_of_run(run.id)
        if not wanted:
            raise MadeNothing(
                f"run {run.number} of '{run.pipeline}' made nothing: it is {run.state}",
                f"see 'zenrepo runs {run.number}'",
            )
    elif kind == "artifact" and number.isdecimal():
        wanted = [int(number)]
    else:
        wanted = reader.deployed_to(str(layout.files / subject) if "://" not in subject else subject)
        wanted = wanted[:1] or reader.made_by(subject)
    if not wanted:
        raise UsageError(
            f"'{subject}' is no run, no artifact, no step that ran, and no place that a model was deployed to",
            "give a run's number, 'artifact:<id>', a step type, or the deployer's path",
        )
    return wanted, reader.upstream(wanted)


def _run(layout: Layout, subject: str) -> Run | None:
    """Find the run that is meant, if it is one."""
    with Journal(layout.runs_db) as journal:
        try:
            number = number_of(journal, subject)
        except UnknownName:
            return None
        return journal.run(number)


def _reader(layout: Layout) -> MetadataReader:
    try:
        from zenrepo.metadata.read import MetadataReader  # noqa: PLC0415  (the light half works without ML Metadata)
    except ModuleNotFoundError as error:
        raise ZenrepoError(f"lineage is in ML Metadata, and this environment has no '{error.name}'", NEEDED) from error

    return MetadataReader(Path(stores.metadata_store(layout)))
