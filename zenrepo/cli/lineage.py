"""``zenrepo lineage``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text
from rich.tree import Tree

from zenrepo.cli.output import clean, out, show_json
from zenrepo.flows.origins import origins
from zenrepo.git import history
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.lineage.graph import Artifact, Execution, Graph, commits


def lineage(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT", help="A run's number, artifact:ID, or where a model was deployed to.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace an artifact, a run or a deployed model back to steps, data and commits."""
    layout = locate()
    wanted, graph = origins(layout, subject)
    if as_json:
        show_json(_plain(wanted, graph))
        return
    shown: set[int] = set()
    for artifact in reversed(wanted):
        if artifact not in shown:
            tree = Tree(_artifact(graph.artifacts[artifact]), guide_style="dim")
            _grow(tree, graph, artifact, shown)
            out.print(tree)
    _show_commits(layout, graph, wanted)


def _grow(tree: Tree, graph: Graph, artifact: int, shown: set[int]) -> None:
    """Hang below an artifact what made it, and below that what it took; what stands already is only named."""
    for execution in graph.makers(artifact)[:1]:
        branch = tree.add(_execution(execution))
        for taken in graph.inputs[execution.id]:
            again = taken in shown
            shown.add(taken)
            below = branch.add(_artifact(graph.artifacts[taken], again=again))
            if not again:
                _grow(below, graph, taken, shown)


def _artifact(artifact: Artifact, *, again: bool = False) -> Text:
    text = Text.assemble((clean(artifact.name), "bold"), f"  artifact:{artifact.id}")
    if artifact.destination:
        text.append(f"  deployed to {clean(artifact.destination)}")
    return text.append("  (above)", "dim") if again else text


def _execution(execution: Execution) -> Text:
    version = f"@{execution.version[:12]}" if execution.version else ""
    text = Text.assemble((f"{clean(execution.step)}: ", "cyan"), clean(f"{execution.type}{version}"))
    return text.append(f"  run {clean(execution.run)} at {execution.commit[:7]}", "dim")


def _show_commits(layout: Layout, graph: Graph, wanted: list[int]) -> None:
    made = {e.id: e for artifact in wanted for e in graph.upstream(artifact)}
    subjects = history.subjects(layout.common, commits(made.values()))
    out.print("\nmade by these commits:")
    for commit, steps in commits(made.values()).items():
        out.print(f"  {commit[:12]}  {clean(subjects.get(commit, '(not in this clone)'))}  ", end="", markup=False)
        out.print(Text(", ".join(sorted(set(steps))), "dim"))


def _plain(wanted: list[int], graph: Graph) -> dict[str, Any]:
    return {
        "subject": wanted,
        "artifacts": [vars(artifact) for artifact in graph.artifacts.values()],
        "executions": [
            {**vars(e), "inputs": graph.inputs[e.id], "outputs": graph.outputs[e.id]} for e in graph.executions.values()
        ],
    }
