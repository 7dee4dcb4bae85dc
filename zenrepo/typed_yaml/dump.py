"""Write values as YAML: canonical, so that the same value is always the same bytes, and pleasant to diff."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from zenrepo.errors import UsageError
from zenrepo.recorded import marked
from zenrepo.typed_yaml.compose import UNPRINTABLE
from zenrepo.typed_yaml.convert import Typed
from zenrepo.typed_yaml.scalars import BOOL, CORE, FLOAT, INT, NULL, STR

INLINE: Final = 80
"""A list of scalars stands on one line if it takes at most this many characters."""

BREAK: Final = re.compile("[\n\r\x85\u2028\u2029]")
UNFIT_FOR_BLOCK: Final = re.compile("^\\s|[ \t](?:\n|\\Z)|\r|" + UNPRINTABLE.pattern)
"""What a literal block would lose, or show wrongly."""

LIST: Final = "tag:yaml.org,2002:seq"
MAP: Final = "tag:yaml.org,2002:map"
YAML_1_1: Final = yaml.resolver.Resolver()


class _Dumper(yaml.SafeDumper):
    """PyYAML's own emitter: the bytes must not depend on whether libyaml is there."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML reads it from the class

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists in maps."""
        super().increase_indent(flow, False)


for _tag, _pattern in CORE.items():
    _Dumper.add_implicit_resolver(_tag, _pattern, None)


def dump(value: Typed) -> str:
    """Write a value as YAML.

    Args:
        value: what a file was read into, or will be.

    Returns:
        Block style, keys in order, short lists inline; what ``parse`` and ``convert`` read as the same value.

    Raises:
        UsageError: for a number that is not finite, half a surrogate pair, or a type of its own.
    """
    node = _node(value)
    text: str = yaml.serialize(node, Dumper=_Dumper, width=sys.maxsize, allow_unicode=True)
    return text


def piece(value: object) -> str:
    """Write one value as a piece of YAML that ``parse_value`` reads as the same value, on one line.

    Args:
        value: numbers, strings, ``None``, lists, maps with string keys, and maps that stand for typed values.

    Raises:
        UsageError: for anything else.
    """
    match value:
        case dict() if found := marked(value):
            return " ".join(found)
        case dict():
            return "{" + ", ".join(f"{_quoted(_key(key).value)}: {piece(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(piece, value)) + "]"
        case str():
            return _quoted(value)
    return str(_plain(value).value)


def _quoted(text: str) -> str:
    _refuse_surrogates(text)
    return json.dumps(text, ensure_ascii=False)


def save(path: Path, text: str) -> None:
    """Write a file whole or not at all, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(text.encode())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _node(value: object) -> yaml.Node:
    match value:
        case Typed():
            return _node(_written(value))
        case dict() if found := marked(value):
            return yaml.ScalarNode(*found)
        case dict():
            pairs = [(_key(key), _node(item)) for key, item in value.items()]
            return yaml.MappingNode(MAP, pairs, flow_style=not pairs)
        case list():
            items = [_node(item) for item in value]
            return yaml.SequenceNode(LIST, items, flow_style=_is_short(items))
        case str():
            return _text(str.__str__(value))
    return _plain(value)


def _written(value: Typed) -> dict[str, Any]:
    """List the fields that are written: all but the empty ones that are empty by default, and those without a value."""
    fields = {field.name: field.default_factory for field in msgspec.structs.fields(value)}
    entries = {name: getattr(value, name) for name in fields}
    return {
        name: entry
        for name, entry in entries.items()
        if entry or (entry is not None and fields[name] not in (list, dict))
    }


def _plain(value: object) -> yaml.ScalarNode:
    match value:
        case None:
            return yaml.ScalarNode(NULL, "null")
        case bool():
            return yaml.ScalarNode(BOOL, "true" if value else "false")
        case int():
            return yaml.ScalarNode(INT, int.__repr__(value))
        case float() if math.isfinite(value):
            return yaml.ScalarNode(FLOAT, float.__repr__(value))
    raise UsageError(f"{value!r} cannot be written to a YAML file", "give finite numbers, strings, lists and maps")


def _key(value: object) -> yaml.ScalarNode:
    if not isinstance(value, str):
        raise UsageError(f"key {value!r} is not a string", f"use {str(value)!r}")
    _refuse_surrogates(value)
    return yaml.ScalarNode(STR, value, style='"' if BREAK.search(value) else None)


def _text(value: str) -> yaml.ScalarNode:
    """Quote what YAML 1.1 reads otherwise, too: people know ``no`` as a boolean, and so do other tools."""
    _refuse_surrogates(value)
    if BREAK.search(value):
        return yaml.ScalarNode(STR, value, style='"' if UNFIT_FOR_BLOCK.search(value) else "|")
    surprising = YAML_1_1.resolve(yaml.ScalarNode, value, (True, False)) != STR  # type: ignore[no-untyped-call]
    return yaml.ScalarNode(STR, value, style="'" if surprising else None)


def _refuse_surrogates(value: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UsageError(f"{value!r} holds half a surrogate pair, which UTF-8 cannot hold", "mend the text")


def _is_short(items: list[yaml.Node]) -> bool:
    scalars = [item.value for item in items if isinstance(item, yaml.ScalarNode) and item.style != "|"]
    return len(scalars) == len(items) and sum(len(scalar) + 2 for scalar in scalars) <= INLINE
