"""The graph of artifacts and executions, and walks over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Artifact:
    """An artifact as ML Metadata has it.

    Args:
        id: its id.
        type: its type, such as ``Examples``.
        name: its name among the outputs of what made it, such as ``transformed_examples``.
        uri: where it is.
        destination: where it was deployed to; empty for what is no deployed model.
    """

    id: int
    type: str
    name: str
    uri: str
    destination: str = ""


@dataclass(frozen=True)
class Execution:
    """An execution of a step as ML Metadata has it.

    Args:
        id: its id.
        step: the step's name in the pipeline.
        type: the step type; the component's name where TFX works between the steps.
        version: the commit or release that names the step version.
        code_digest: the identity of the version.
        commit: the commit that the run executed.
        run: the run's id.
        pipeline: the pipeline's name.
        cached: whether earlier artifacts were re-used.
        files: the digests of the files that its arguments name, by path.
        captured: where the commit holds a captured working tree, the commit that this was changed from.
    """

    id: int
    step: str
    type: str
    version: str
    code_digest: str
    commit: str
    run: str
    pipeline: str
    cached: bool
    files: Mapping[str, str] = field(default_factory=dict)
    captured: str = ""


@dataclass
class Graph:
    """Artifacts, executions and what joins them.

    Args:
        artifacts: by id.
        executions: by id.
        inputs: the artifacts that an execution took, by its id.
        outputs: the artifacts that an execution made or re-used, by its id.
    """

    artifacts: dict[int, Artifact] = field(default_factory=dict)
    executions: dict[int, Execution] = field(default_factory=dict)
    inputs: dict[int, list[int]] = field(default_factory=dict)
    outputs: dict[int, list[int]] = field(default_factory=dict)

    def makers(self, artifact: int) -> list[Execution]:
        """Give the executions that made an artifact, that which really ran first, then those that re-used it."""
        found = [e for e in self.executions.values() if artifact in self.outputs.get(e.id, ())]
        return sorted(found, key=lambda e: (e.cached, e.id))

    def upstream(self, artifacts: Iterable[int]) -> list[Execution]:
        """Give every execution that some artifacts come from, each once, and each before those that it took from."""
        found: dict[int, Execution] = {}
        todo = [(artifact, False) for artifact in artifacts]
        while todo:
            artifact, is_below_done = todo.pop()
            maker = next(iter(self.makers(artifact)), None)
            if maker is None or maker.id in found:
                continue
            if is_below_done:
                found[maker.id] = maker
            else:
                todo.append((artifact, True))
                todo += [(taken, False) for taken in self.inputs.get(maker.id, ())]
        return list(reversed(found.values()))


def commits(executions: Iterable[Execution]) -> dict[str, list[str]]:
    """Group executions by the commit that they ran at.

    Returns:
        The names of the steps by commit.
    """
    found: dict[str, list[str]] = {}
    for execution in executions:
        found.setdefault(execution.commit, []).append(execution.step)
    return found
