"""A schema, as plain data. Nothing here needs TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

_TYPES = {schema_pb2.INT: "int", schema_pb2.FLOAT: "float", schema_pb2.BYTES: "string", schema_pb2.STRUCT: "struct"}


def read(file: Path) -> schema_pb2.Schema:
    """Read a schema's file."""
    return text_format.Parse(file.read_text(encoding="utf-8"), schema_pb2.Schema())


def features(schema: schema_pb2.Schema) -> dict[str, Any]:
    """Describe the features of a schema.

    Returns:
        By name: ``type``; ``presence``, the least part of the examples that have it; ``values``, the least and the most
        values in one, ``None`` where there is no bound; ``shape`` where it is fixed; and ``domain``, the values of a
        string feature or the bounds of a number, ``None`` for any.
    """
    domains = {domain.name: list(domain.value) for domain in schema.string_domain}
    return {feature.name: _feature(feature, domains) for feature in schema.feature}


def _feature(feature: Any, domains: dict[str, list[str]]) -> dict[str, Any]:
    shape = [dim.size for dim in feature.shape.dim] if feature.HasField("shape") else None
    count = feature.value_count if feature.HasField("value_count") else None
    return {
        "type": _TYPES.get(feature.type, ""),
        "presence": feature.presence.min_fraction if feature.HasField("presence") else 0.0,
        "values": [_bound(count, "min"), _bound(count, "max")],
        "shape": shape,
        "domain": _domain(feature, domains),
    }


def _domain(feature: Any, domains: dict[str, list[str]]) -> Any:
    kind = feature.WhichOneof("domain_info")
    if kind == "domain":
        return domains.get(feature.domain)
    if kind == "string_domain":
        return list(feature.string_domain.value)
    if kind in ("int_domain", "float_domain"):
        domain = getattr(feature, kind)
        return {"min": _bound(domain, "min"), "max": _bound(domain, "max")}
    if kind == "bool_domain":
        return [feature.bool_domain.false_value, feature.bool_domain.true_value]
    return None


def _bound(message: Any, field: str) -> Any:
    return getattr(message, field) if message is not None and message.HasField(field) else None
