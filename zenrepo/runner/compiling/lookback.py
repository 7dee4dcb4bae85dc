"""How far TFX's launcher looks back: what a long past holds must not slow a run down.

TFX finds the inputs of a node among all that its pipeline ever executed, and a cached result among all that ever used
it again. Both grow with every run, and ML Metadata reads them in a time that grows with the square.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ml_metadata.metadata_store import ListOptions, OrderByField
from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.orchestration.metadata import Metadata
from tfx.orchestration.portable import cache_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import pipeline_pb2
from tfx.types.artifact import Artifact

NODE = "zenrepo.node"
"""The type of the context of a node in one run, which is named ``<run>.<node>``."""

_NEWEST = (10, 100, None)
"""How many of the newest results are looked at, as long as none of them is good enough; ``None`` for all."""

_PUBLISHED = (pb.Execution.COMPLETE, pb.Execution.CACHED)


def within_run(compiled: pipeline_pb2.Pipeline, run: str) -> None:
    """Have every node look for its inputs among what its own run made, and nowhere else.

    Args:
        compiled: TFX's intermediate representation, with the run's id in place; it is changed.
        run: the run's id.
    """
    for node in (each.pipeline_node for each in compiled.nodes):
        _name(node.contexts.contexts.add(), run, node.node_info.id)
        for key in node.inputs.inputs.values():
            for channel in key.channels:
                producer = channel.producer_node_query.id
                del channel.context_queries[:]
                _name(channel.context_queries.add(), run, producer)


def _name(context: Any, run: str, node: str) -> None:
    context.type.name = NODE
    context.name.field_value.string_value = f"{run}.{node}"


def cached_outputs(metadata_handle: Metadata, cache_context: pb.Context) -> dict[str, list[Artifact]] | None:
    """Find a result that can be used again, in place of TFX's own function of this signature.

    Args:
        metadata_handle: of the metadata store.
        cache_context: stands for a cache key.

    Returns:
        The newest outputs under the key that are whole; ``None`` where there are none.
    """
    for outputs in _distinct(metadata_handle, cache_context.id):
        artifacts = [artifact for several in outputs.values() for artifact in several]
        if any(artifact.mlmd_artifact.state != pb.Artifact.LIVE for artifact in artifacts):
            continue
        try:
            cache_utils.artifact_utils.verify_artifacts(artifacts)
        except RuntimeError:
            continue
        return outputs
    return None


def _distinct(handle: Metadata, context: int) -> Iterator[dict[str, list[Artifact]]]:
    """Give the outputs of the executions of a context, newest first; runs that used others' again have the same."""
    seen = set()
    for limit in _NEWEST:
        newest = ListOptions(limit=limit, order_by=OrderByField.ID, is_asc=False)
        found = handle.store.get_executions_by_context(context, newest)
        for execution in found:
            if execution.last_known_state in _PUBLISHED:
                outputs = execution_lib.get_output_artifacts(handle, execution.id)
                ids = frozenset(artifact.id for several in outputs.values() for artifact in several)
                if ids not in seen:
                    seen.add(ids)
                    yield outputs
        if limit is None or len(found) < limit:
            return
