"""The graph of artifacts and executions, and walks over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    def upstream(self, artifact: int) -> Iterator[Execution]:
        """Give every execution that an artifact comes from, the last one first, each once."""
        seen: set[int] = set()
        todo = [artifact]
        while todo:
            for maker in self.makers(todo.pop(0))[:1]:
                if maker.id not in seen:
                    seen.add(maker.id)
                    yield maker
                    todo += self.inputs.get(maker.id, [])


def commits(executions: Iterable[Execution]) -> dict[str, list[str]]:
    """Group executions by the commit that they ran at.

    Returns:
        The names of the steps by commit.
    """
    found: dict[str, list[str]] = {}
    for execution in executions:
        found.setdefault(execution.commit, []).append(execution.step)
    return found
