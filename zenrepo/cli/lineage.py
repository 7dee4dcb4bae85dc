"""``zenrepo lineage``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from zenrepo.cli.output import BOLD, DIM, clean, show, show_json, show_table, styled
from zenrepo.flows.answers.origins import MadeNothing, origins
from zenrepo.git import history
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.lineage.graph import Artifact, Execution, Graph, commits


def lineage(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="A run's number or name, artifact:ID, a step type, or where a model was deployed to.",
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace an artifact, a run or a deployed model back to steps, data and commits."""
    layout = locate()
    try:
        wanted, graph = origins(layout, subject)
    except MadeNothing:
        if as_json:
            show_json(_plain([], Graph()))
        raise
    if as_json:
        show_json(_plain(wanted, graph))
        return
    for artifact in wanted:
        show(_artifact(layout, graph.artifacts[artifact]))
    found = graph.upstream(wanted)
    show()
    rows = ((e.step, _version(e), e.run, e.commit[:7], _sources(graph, e)) for e in found)
    show_table(("step", "version", "run", "commit", "made from"), rows)
    _show_commits(layout, found)


def _artifact(layout: Layout, artifact: Artifact) -> str:
    place = artifact.destination.removeprefix(f"{layout.files}/")
    name = styled(clean(artifact.name), BOLD, sys.stdout)
    return f"{name}  artifact:{artifact.id}" + (f"  deployed to {clean(place)}" if place else "")


def _version(execution: Execution) -> str:
    version = execution.version if execution.version.startswith("zenrepo_") else execution.version[:7]
    return f"{execution.type}@{version}" if version else execution.type


def _sources(graph: Graph, execution: Execution) -> str:
    """Name what an execution took: artifacts, and files with the beginning of their digest."""
    names = [graph.artifacts[artifact].name for artifact in graph.inputs[execution.id]]
    files = [f"{path} ({digest[:7]})" for path, digest in execution.files.items()]
    return ", ".join(sorted(set(names)) + files)


def _show_commits(layout: Layout, found: list[Execution]) -> None:
    steps = commits(found)
    subjects = history.subjects(layout.root, steps)
    show("\nmade by these commits:")
    bases = {execution.commit: execution.captured for execution in found}
    for commit, names in steps.items():
        subject = _changed_from(bases[commit]) or clean(subjects.get(commit, "(not in this clone)"))
        show(f"  {commit[:12]}  {subject}  {styled(clean(', '.join(dict.fromkeys(names))), DIM, sys.stdout)}")


def _changed_from(base: str) -> str:
    """Name a captured working tree; empty for a commit."""
    return f"(captured, changed from {clean(base[:12])})" if base else ""


def _plain(wanted: list[int], graph: Graph) -> dict[str, Any]:
    return {
        "subject": wanted,
        "artifacts": [vars(artifact) for artifact in graph.artifacts.values()],
        "executions": [
            {**vars(e), "inputs": graph.inputs[e.id], "outputs": graph.outputs[e.id]} for e in graph.executions.values()
        ],
    }
