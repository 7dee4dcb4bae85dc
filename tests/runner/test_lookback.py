"""A long past of a pipeline changes neither what a run finds nor how much it reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.heavy

COMPLETE, FAILED, CACHED = 3, 4, 5
"""States of an execution, as ML Metadata numbers them."""


class Past:
    """A metadata store in which executions of one node have one cache key.

    Args:
        handle: of the store.
        folder: for the artifacts.
    """

    def __init__(self, handle: Any, folder: Path) -> None:
        from ml_metadata.proto import metadata_store_pb2 as pb

        self.pb = pb
        self.handle, self.store, self.folder = handle, handle.store, folder
        kind = self.store.put_context_type(pb.ContextType(name="execution_cache"))
        [self.context_id] = self.store.put_contexts([pb.Context(type_id=kind, name="key")])
        self.artifact_type = self.store.put_artifact_type(pb.ArtifactType(name="Schema"))
        self.execution_type = self.store.put_execution_type(pb.ExecutionType(name="SchemaGen"))

    @property
    def context(self) -> Any:
        """What stands for the cache key."""
        [context] = self.store.get_contexts_by_id([self.context_id])
        return context

    def artifact(self, name: str) -> int:
        """Make a result."""
        folder = self.folder / name
        folder.mkdir()
        made = self.pb.Artifact(type_id=self.artifact_type, uri=str(folder), state=self.pb.Artifact.LIVE)
        [found] = self.store.put_artifacts([made])
        return int(found)

    def executions(self, artifact: int, state: int, count: int = 1) -> None:
        """Have it made, or used again, so many times."""
        context = self.context
        event = self.pb.Event(artifact_id=artifact, type=self.pb.Event.OUTPUT)
        event.path.steps.add().key = "schema"
        event.path.steps.add().index = 0
        [known] = self.store.get_artifacts_by_id([artifact])
        for _ in range(count):
            execution = self.pb.Execution(type_id=self.execution_type, last_known_state=state)
            self.store.put_execution(execution, [(known, event)], [context])

    def found(self) -> str:
        """Name the result that is used again; empty for none."""
        from zenrepo.runner.compiling.lookback import cached_outputs

        outputs = cached_outputs(self.handle, self.context)
        return Path(outputs["schema"][0].uri).name if outputs else ""


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    """A store without executions."""
    from tfx.orchestration.metadata import Metadata, sqlite_metadata_connection_config

    with Metadata(sqlite_metadata_connection_config(str(tmp_path / "metadata.db"))) as handle:
        yield Past(handle, tmp_path)


def test_nothing_is_found_where_nothing_was_made(past: Past) -> None:
    """A failed execution made nothing."""
    past.executions(past.artifact("half"), FAILED)

    assert past.found() == ""


def test_the_newest_result_is_used_again(past: Past) -> None:
    """A run without the cache made it anew."""
    past.executions(past.artifact("old"), COMPLETE)
    past.executions(past.artifact("new"), COMPLETE)

    assert past.found() == "new"


def test_a_whole_result_is_found_behind_many_uses_of_a_broken_one(past: Past) -> None:
    """However many runs used that again before it broke."""
    past.executions(past.artifact("whole"), COMPLETE)
    broken = past.artifact("broken")
    past.executions(broken, COMPLETE)
    past.executions(broken, CACHED, count=120)
    assert past.found() == "broken"

    (past.folder / "broken").rmdir()

    assert past.found() == "whole"
