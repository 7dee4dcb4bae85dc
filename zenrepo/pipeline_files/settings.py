"""What a run changes in its pipeline file without a commit: ``--set steps.trainer.args.epochs=5``."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from zenrepo.errors import PipelineFileError, UnknownName, did_you_mean
from zenrepo.typed_yaml import Document, Keys, parse_value

STEPS: Final = "steps"
_OF_A_STEP: Final = ("type", "args", "backend")
_OF_THE_FILE: Final = ("version", "name", "kind", "trigger")
_EXAMPLE: Final = "write it as in steps.trainer.args.epochs"


def with_settings(document: Document, settings: Mapping[str, str]) -> Document:
    """Put settings in the place of what a pipeline file says.

    Args:
        document: the file.
        settings: by dotted key a piece of YAML, as it would stand in the file.

    Returns:
        The changed file. An error at what was set names the setting in the place of a line.

    Raises:
        PipelineFileError: for a key that cannot be set, and for what is no YAML.
    """
    steps = document.data.get(STEPS)
    if not settings or not isinstance(steps, dict) or not all(isinstance(step, dict) for step in steps.values()):
        return document  # a file that is wrong by itself is refused for that
    data = deepcopy(document.data)
    origins: dict[Keys, str] = {}
    for dotted, text in settings.items():
        origin = f"--set {dotted}"
        keys = _keys(dotted, origin, data[STEPS])
        origins[_put(data, keys, parse_value(text, origin), origin)] = origin
    return Document(data, replace(document.places, origins=origins))


def _keys(dotted: str, origin: str, steps: Mapping[str, Any]) -> list[str]:
    """Split a dotted key, unless it leads to nothing that can be set."""
    keys = dotted.split(".")
    if not all(keys):
        raise PipelineFileError(origin, 0, "is not a dotted key", _EXAMPLE)
    if keys[0] in _OF_THE_FILE:
        raise PipelineFileError(origin, 0, f"'{keys[0]}' cannot be set for a run", "change the file, and commit it")
    if keys[0] == "backend":
        return keys
    if keys[0] != STEPS:
        raise PipelineFileError(origin, 0, f"unknown key '{keys[0]}'", _meant(keys, steps))
    if len(keys) > 1 and keys[1] not in steps:
        unknown = UnknownName("step", keys[1], steps, f"the steps are {', '.join(steps)}")
        raise PipelineFileError(origin, 0, unknown.message, unknown.hint)
    if len(keys) < 3:
        raise PipelineFileError(origin, 0, "is no single setting", _EXAMPLE)
    if keys[2] not in _OF_A_STEP:
        raise PipelineFileError(origin, 0, f"unknown key '{keys[2]}' of a step", _meant(keys[1:], steps))
    return keys


def _meant(keys: list[str], steps: Mapping[str, Any]) -> str:
    """Guess what was meant by a key without ``steps`` or ``args``."""
    if keys[0] in steps and len(keys) > 1:
        args = [] if keys[1] in _OF_A_STEP else ["args"]
        return f"did you mean '{'.'.join([STEPS, keys[0], *args, *keys[1:]])}'?"
    return did_you_mean(keys[0], [STEPS, "backend"]) or _EXAMPLE


def _put(data: Any, keys: list[str], value: Any, origin: str) -> Keys:
    """Put a value where keys lead, through maps that are made where they are missing; return the way."""
    way: list[str | int] = []
    for position, key in enumerate(keys):
        here: str | int = _position(data, key, origin) if isinstance(data, list) else key
        if not isinstance(data, dict | list):
            raise PipelineFileError(origin, 0, f"'{'.'.join(keys[:position])}' holds no '{key}'", "set it as a whole")
        way.append(here)
        if position == len(keys) - 1:
            data[here] = value  # type: ignore[index]  # an index of a list, a key of a map
        else:
            if isinstance(data, dict) and data.get(key) is None:
                data[key] = {}
            data = data[here]
    return tuple(way)


def _position(items: list[Any], key: str, origin: str) -> int:
    if key.isascii() and key.isdecimal() and int(key) < len(items):
        return int(key)
    raise PipelineFileError(origin, 0, f"'{key}' is no position in a list of {len(items)}", "count from 0")
