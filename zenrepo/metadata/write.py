"""Write into ML Metadata what happens outside a run."""

from __future__ import annotations

from dataclasses import replace

from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from zenrepo.metadata.models import PUSHED, Deployment

KEPT_CONTEXTS = ("pipeline", "node", "zenrepo.commit")
"""The contexts of a deployment that a rollback to it belongs to, too."""


def record_rollback(
    store: metadata_store.MetadataStore,
    target: Deployment,
    out_of_service: list[Deployment],
    destination: str,
    version: int,
) -> Deployment:
    """Record that an earlier deployed model was put back.

    Args:
        store: ML Metadata.
        target: the deployment that was put back.
        out_of_service: those whose model no longer serves.
        destination: where the model serves now.
        version: the number that it serves under.

    Returns:
        The new deployment.
    """
    restored = target.restored or target.version
    marked = store.get_artifacts_by_id([d.id for d in out_of_service])
    for artifact in marked:
        artifact.custom_properties["rolled_back"].int_value = 1
    if marked:
        store.put_artifacts(marked)
    maker = _maker(store, target.id)
    execution = pb.Execution(type_id=maker.type_id, last_known_state=pb.Execution.COMPLETE)
    for name, value in maker.properties.items():
        execution.properties[name].CopyFrom(value)
    for name, value in maker.custom_properties.items():
        if name != "run":
            execution.custom_properties[name].CopyFrom(value)
    pushed = pb.Artifact(type_id=store.get_artifact_type(PUSHED).id, uri=destination, state=pb.Artifact.LIVE)
    pushed.custom_properties["pushed"].int_value = 1
    pushed.custom_properties["pushed_destination"].string_value = destination
    pushed.custom_properties["pushed_version"].string_value = str(version)
    pushed.custom_properties["restored_version"].string_value = str(restored)
    [model] = store.get_artifacts_by_id([target.model])
    contexts = [c for c in store.get_contexts_by_execution(maker.id) if c.type in KEPT_CONTEXTS]
    _, ids, _ = store.put_execution(
        execution,
        [(model, _event(pb.Event.INPUT, "model")), (pushed, _event(pb.Event.OUTPUT, "pushed_model"))],
        contexts,
    )
    [made] = store.get_artifacts_by_id([ids[1]])
    return replace(
        target,
        id=made.id,
        destination=destination,
        version=version,
        run="",
        created=made.create_time_since_epoch / 1000,
        restored=restored,
        rolled_back=False,
    )


def _maker(store: metadata_store.MetadataStore, artifact: int) -> pb.Execution:
    events = store.get_events_by_artifact_ids([artifact])
    [found] = store.get_executions_by_id([min(e.execution_id for e in events if e.type == pb.Event.OUTPUT)])
    return found


def _event(kind: pb.Event.Type, name: str) -> pb.Event:
    event = pb.Event(type=kind)
    event.path.steps.add().key = name
    event.path.steps.add().index = 0
    return event
