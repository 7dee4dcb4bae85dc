"""The names of runs in ML Metadata."""

from __future__ import annotations

from pathlib import Path

from ml_metadata import errors, metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

RUN_CONTEXT = "pipeline_run"


def run_names(path: Path) -> list[str]:
    """Name all runs that a metadata store knows.

    Args:
        path: of its SQLite file.

    Returns:
        Their names; none where the file is no such store.
    """
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE
    try:
        return [context.name for context in metadata_store.MetadataStore(config).get_contexts_by_type(RUN_CONTEXT)]
    except (errors.StatusError, RuntimeError):  # the second where it is no database
        return []
