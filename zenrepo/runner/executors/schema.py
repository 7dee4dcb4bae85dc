"""TFX's SchemaGen."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.schema_gen.executor import DEFAULT_FILE_NAME, Executor

from zenrepo.runner.work import Work


def infer_schema(work: Work) -> None:
    """Infer the schema of the examples from their statistics."""
    work.run_tfx(Executor, {})
    text = Path(work.output("schema").uri, DEFAULT_FILE_NAME).read_text(encoding="utf-8")
    work.facts.update(features=len(text_format.Parse(text, schema_pb2.Schema()).feature))
