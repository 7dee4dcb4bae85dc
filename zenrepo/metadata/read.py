"""Read lineage from ML Metadata, by ids, URIs and names alone: its query language is on its way out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ml_metadata import errors, metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from zenrepo.errors import ZenrepoError
from zenrepo.lineage.graph import Artifact, Execution, Graph

RUN_CONTEXT = "pipeline_run"
PUSHED_MODEL = "PushedModel"
_INPUTS = (pb.Event.INPUT, pb.Event.DECLARED_INPUT)


class MetadataReader:
    """Reads one metadata store.

    Args:
        path: of its SQLite file.

    Raises:
        ZenrepoError: where nothing was recorded yet.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ZenrepoError("nothing was recorded yet", "make a run first: 'zenrepo run <pipeline>'")
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = str(path)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE
        self._store = metadata_store.MetadataStore(config)

    def artifacts_of_run(self, run: str) -> list[int]:
        """Give the artifacts that a run made or re-used."""
        try:
            context = self._store.get_context_by_type_and_name(RUN_CONTEXT, run)
        except errors.NotFoundError:  # no run was ever recorded
            context = None
        executions = self._store.get_executions_by_context(context.id) if context else []
        events = self._store.get_events_by_execution_ids([e.id for e in executions]) if executions else []
        return sorted({e.artifact_id for e in events if e.type == pb.Event.OUTPUT})

    def deployed_to(self, destination: str) -> list[int]:
        """Give the deployed models whose destination is, or is inside, a folder or address; the newest first."""
        try:
            pushed = self._store.get_artifacts_by_type(PUSHED_MODEL)
        except errors.NotFoundError:  # nothing was ever deployed
            return []
        wanted = destination.rstrip("/")
        found = [a.id for a in pushed if f"{_destination(a)}/".startswith(f"{wanted}/")]
        return sorted(found, reverse=True)

    def made_by(self, step_type: str) -> list[int]:
        """Give the artifacts that any version of a step type made, the newest first."""
        executions = [
            execution.id
            for kind in self._store.get_execution_types()
            for execution in self._store.get_executions_by_type(kind.name)
            if _execution(execution).type == step_type
        ]
        events = self._store.get_events_by_execution_ids(executions) if executions else []
        return sorted({e.artifact_id for e in events if e.type == pb.Event.OUTPUT}, reverse=True)

    def texts_of(self, artifact: int) -> dict[str, str]:
        """Give the custom properties of an artifact that are texts."""
        [found] = self._store.get_artifacts_by_id([artifact])
        return {name: str(value.string_value) for name, value in found.custom_properties.items() if value.string_value}

    def upstream(self, artifacts: Iterable[int]) -> Graph:
        """Read all that some artifacts come from.

        Args:
            artifacts: their ids.

        Raises:
            ZenrepoError: for an id that is not there.
        """
        graph = Graph()
        todo = set(artifacts)
        names: dict[int, str] = {}
        while todo:
            events = self._store.get_events_by_artifact_ids(todo)
            makers = {e.execution_id for e in events if e.type == pb.Event.OUTPUT} - graph.executions.keys()
            if makers:
                self._read_executions(graph, makers, names)
            self._read_artifacts(graph, todo, names)
            todo = {a for ids in graph.inputs.values() for a in ids} - graph.artifacts.keys()
        return graph

    def _read_executions(self, graph: Graph, ids: set[int], names: dict[int, str]) -> None:
        for execution in self._store.get_executions_by_id(list(ids)):
            graph.executions[execution.id] = _execution(execution)
            graph.inputs[execution.id] = []
            graph.outputs[execution.id] = []
        for event in self._store.get_events_by_execution_ids(list(ids)):
            side = graph.inputs if event.type in _INPUTS else graph.outputs
            side[event.execution_id].append(event.artifact_id)
            if event.type == pb.Event.OUTPUT and event.path.steps:
                names[event.artifact_id] = event.path.steps[0].key

    def _read_artifacts(self, graph: Graph, ids: set[int], names: dict[int, str]) -> None:
        found = self._store.get_artifacts_by_id(list(ids))
        missing = ids - {a.id for a in found}
        if missing:
            raise ZenrepoError(
                f"there is no artifact {min(missing)}", "'zenrepo runs <number>' lists a run's artifacts"
            )
        for a in found:
            graph.artifacts[a.id] = Artifact(a.id, a.type, names.get(a.id, a.type), a.uri, _destination(a))


def _destination(artifact: pb.Artifact) -> str:
    return str(artifact.custom_properties["pushed_destination"].string_value)


def _execution(found: pb.Execution) -> Execution:
    def text(name: str) -> str:
        value = found.custom_properties.get(name) or found.properties.get(name)
        return str(value.string_value) if value is not None else ""

    return Execution(
        id=found.id,
        step=text("step") or found.type.rpartition(".")[2],
        type=text("type") or found.type,
        version=text("version"),
        code_digest=text("code_digest"),
        commit=text("commit"),
        captured=text("captured"),
        run=text("run"),
        pipeline=text("pipeline"),
        cached=found.last_known_state == pb.Execution.CACHED,
        files=json.loads(text("inputs") or "{}"),
    )
