"""Typed YAML files: the only room that imports yaml or msgspec.

What is read is YAML 1.2's core schema without anchors, second documents, and tags other than those of typed values;
what is written is canonical.
"""

from zenrepo.typed_yaml.compose import Document, parse, parse_value
from zenrepo.typed_yaml.convert import Typed, convert, default_list, default_map, refuse_version
from zenrepo.typed_yaml.dump import dump, piece, save
from zenrepo.typed_yaml.places import Keys, Places

__all__ = [
    "Document",
    "Keys",
    "Places",
    "Typed",
    "convert",
    "default_list",
    "default_map",
    "dump",
    "parse",
    "parse_value",
    "piece",
    "refuse_version",
    "save",
]
