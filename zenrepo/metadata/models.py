"""The models that ML Metadata knows: which were made, which were blessed, and where each was deployed to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ml_metadata import errors, metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

MODEL, BLESSING, PUSHED = "Model", "ModelBlessing", "PushedModel"
RUN_CONTEXT = "pipeline_run"
IMPORTER = "Importer"
CHUNK = 50
_DONE = (pb.Execution.COMPLETE, pb.Execution.CACHED)
_INPUTS = (pb.Event.INPUT, pb.Event.DECLARED_INPUT)


@dataclass(frozen=True)
class Model:
    """A model.

    Args:
        id: of its artifact.
        uri: of its artifact.
        run: the run that made it; empty for one that was brought in.
        pipeline: the pipeline that made it.
        commit: the commit that it was made at.
        results: the folder of its trainer's test results; empty where there are none.
    """

    id: int
    uri: str
    run: str
    pipeline: str
    commit: str
    results: str = ""


@dataclass(frozen=True)
class Deployment:
    """A deployed model.

    Args:
        id: of the artifact of the deployment.
        destination: where it serves or served: a path or an address.
        version: the number that it was deployed under.
        run: the run that deployed it; empty for a rollback.
        pipeline: the pipeline.
        commit: the commit that deployed it.
        created: seconds since 1970.
        model: the id of the model's artifact.
        step: the deployer's name in the pipeline.
        type: the deployer's step type.
        pin: the version of the deployer: a commit, or a release.
        args: the deployer's arguments, canonical JSON.
        restored: the version that a rollback put back under this one's number; 0 for a deployment by a run.
        rolled_back: whether a rollback took it out of service.
    """

    id: int
    destination: str
    version: int
    run: str
    pipeline: str
    commit: str
    created: float
    model: int
    step: str
    type: str
    pin: str
    args: str
    restored: int
    rolled_back: bool

    @property
    def place(self) -> str:
        """The destination without the version: what all deployments of one model have in common."""
        path = PurePosixPath(self.destination)
        own = re.fullmatch(rf"{self.version}(\..+)?", path.name)
        return self.destination[: -len(path.name)].rstrip("/") if own else self.destination


class Models:
    """Reads one metadata store.

    Args:
        store: the store.

    Attributes:
        store: the same.
    """

    def __init__(self, store: metadata_store.MetadataStore) -> None:
        self.store = store

    @classmethod
    def at(cls, path: str) -> Models:
        """Open the SQLite file of a store."""
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = path
        return cls(metadata_store.MetadataStore(config))

    def pipelines(self) -> list[str]:
        """Name the pipelines that ever ran."""
        try:
            return sorted(context.name for context in self.store.get_contexts_by_type("pipeline"))
        except errors.NotFoundError:
            return []

    def runs(self) -> list[str]:
        """Give the ids of all runs."""
        try:
            return [context.name for context in self.store.get_contexts_by_type(RUN_CONTEXT)]
        except errors.NotFoundError:
            return []

    def newest(self, pipeline: str) -> Model | None:
        """Give the model that a pipeline's evaluator blessed last; where it has none, the newest model."""
        return self.blessed(pipeline) or (None if self._has_evaluator(pipeline) else self._made(pipeline))

    def blessed(self, pipeline: str, but: int = 0) -> Model | None:
        """Give the model that a pipeline's evaluator blessed last.

        Args:
            pipeline: its name.
            but: the id of a model that does not count.

        Returns:
            The model; ``None`` where none was blessed whose last verdict still is that.
        """
        seen = {but}
        for _, blessing in self._newest_outputs(BLESSING, pipeline):
            judged = blessing.custom_properties["current_model_id"].int_value
            if judged in seen or not judged:
                continue
            if blessing.custom_properties["blessed"].int_value == 1:
                return self.model(judged)
            seen.add(judged)
        return None

    def of_run(self, run: str) -> Model | None:
        """Give the model that a run trained, or used again."""
        context = self.store.get_context_by_type_and_name(RUN_CONTEXT, run)
        executions = self.store.get_executions_by_context(context.id) if context else []
        ids = [e.id for e in executions if e.last_known_state in _DONE and IMPORTER not in e.type]
        events = self.store.get_events_by_execution_ids(ids) if ids else []
        artifacts = self.store.get_artifacts_by_id([e.artifact_id for e in events if e.type == pb.Event.OUTPUT])
        models = [artifact.id for artifact in artifacts if artifact.type == MODEL]
        return self.model(max(models)) if models else None

    def model(self, artifact: int) -> Model:
        """Read a model with what made it."""
        [found] = self.store.get_artifacts_by_id([artifact])
        [maker] = self.store.get_executions_by_id([self._makers([artifact])[artifact]])
        if IMPORTER in maker.type:
            return Model(found.id, found.uri, "", "", "")
        events = self.store.get_events_by_execution_ids([maker.id])
        outputs = {e.path.steps[0].key: e.artifact_id for e in events if e.type == pb.Event.OUTPUT and e.path.steps}
        results = self.store.get_artifacts_by_id([outputs["test_results"]]) if "test_results" in outputs else []
        run, pipeline, commit = (_text(maker, name) for name in ("run", "pipeline", "commit"))
        return Model(found.id, found.uri, run, pipeline, commit, results[0].uri if results else "")

    def deployments(self) -> list[Deployment]:
        """Give all deployments, the newest first. The newest of a place is the one that serves there."""
        pushed = [a for a in self._artifacts(PUSHED) if a.custom_properties["pushed"].int_value == 1]
        made_by = self._makers([a.id for a in pushed])
        ids = sorted(set(made_by.values()))
        executions = {e.id: e for e in self.store.get_executions_by_id(ids)} if ids else {}
        taken = self.store.get_events_by_execution_ids(ids) if ids else []
        models = {
            e.execution_id: e.artifact_id
            for e in taken
            if e.type in _INPUTS and e.path.steps and e.path.steps[0].key == "model"
        }
        makers = [(a, made_by[a.id]) for a in pushed if a.id in made_by]
        found = [_deployment(artifact, executions[maker], models.get(maker, 0)) for artifact, maker in makers]
        return sorted(found, key=lambda deployment: deployment.id, reverse=True)

    def _makers(self, artifacts: list[int]) -> dict[int, int]:
        """Give, by the id of an artifact, the execution that made it: the first of those that it is an output of."""
        events = self.store.get_events_by_artifact_ids(artifacts) if artifacts else []
        made = [(e.artifact_id, e.execution_id) for e in events if e.type == pb.Event.OUTPUT]
        return dict(sorted(made, reverse=True))

    def _made(self, pipeline: str) -> Model | None:
        newest = next(iter(self._newest_outputs(MODEL, pipeline)), None)
        return self.model(newest[1].id) if newest else None

    def _has_evaluator(self, pipeline: str) -> bool:
        return next(iter(self._newest_outputs(BLESSING, pipeline)), None) is not None

    def _newest_outputs(self, kind: str, pipeline: str) -> Iterator[tuple[pb.Execution, pb.Artifact]]:
        """Give the artifacts of a type that a pipeline's executions made or re-used, the newest execution first."""
        artifacts = {a.id: a for a in self._artifacts(kind)}
        events = self.store.get_events_by_artifact_ids(list(artifacts)) if artifacts else []
        made = sorted({(e.execution_id, e.artifact_id) for e in events if e.type == pb.Event.OUTPUT}, reverse=True)
        for start in range(0, len(made), CHUNK):
            some = made[start : start + CHUNK]
            executions = {e.id: e for e in self.store.get_executions_by_id(sorted({e for e, _ in some}))}
            for execution, artifact in some:
                found = executions[execution]
                own = _text(found, "pipeline") == pipeline and IMPORTER not in found.type
                if own and found.last_known_state in _DONE:
                    yield found, artifacts[artifact]

    def _artifacts(self, kind: str) -> list[pb.Artifact]:
        try:
            self.store.get_artifact_type(kind)
        except errors.NotFoundError:
            return []
        return list(self.store.get_artifacts_by_type(kind))


def _deployment(pushed: pb.Artifact, execution: pb.Execution, model: int) -> Deployment:
    own: Any = pushed.custom_properties
    return Deployment(
        id=pushed.id,
        destination=own["pushed_destination"].string_value,
        version=int(own["pushed_version"].string_value or 0),
        run=_text(execution, "run"),
        pipeline=_text(execution, "pipeline"),
        commit=_text(execution, "commit"),
        created=pushed.create_time_since_epoch / 1000,
        model=model,
        step=_text(execution, "step"),
        type=_text(execution, "type"),
        pin=_text(execution, "version"),
        args=_text(execution, "args"),
        restored=int(own["restored_version"].string_value or 0),
        rolled_back=own["rolled_back"].int_value == 1,
    )


def _text(execution: pb.Execution, name: str) -> str:
    value = execution.custom_properties.get(name) or execution.properties.get(name)
    return str(value.string_value) if value is not None else ""
