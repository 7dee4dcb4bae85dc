"""What a schema says of features.

This module imports TensorFlow Metadata; only methods of steps that run import it.
"""

from __future__ import annotations

from tensorflow_metadata.proto.v0 import schema_pb2


def many_valued(schema: schema_pb2.Schema) -> frozenset[str]:
    """Name the features of which a schema says neither that there is one value nor that there are always as many."""
    return frozenset(f.name for f in schema.feature if not f.HasField("shape") and f.value_count.max != 1)
