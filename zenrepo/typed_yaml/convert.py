"""Turn plain data into typed, frozen values, and say in words what does not fit, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from zenrepo.errors import PipelineFileError, did_you_mean
from zenrepo.typed_yaml.compose import Document
from zenrepo.typed_yaml.places import Keys

T = TypeVar("T")

MESSAGE: Final = re.compile(r"(?P<problem>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
STEP: Final = re.compile(r"\.(?P<key>\w+)|\[(?P<position>\d+)\]|\[\.\.\.\]")
UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
MISSING: Final = re.compile(r"Object missing required field `(.*)`")
MISFIT: Final = re.compile(r"Expected `(.*)`, got `(.*)`")
WORDS: Final = {
    "object": "a map",
    "array": "a list",
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "null": "empty",
}


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base of every value that a file is read into: frozen, and without room for unknown keys."""


def default_list(*items: str) -> Any:
    """Declare a field that is a list, by default of the given strings; an empty default is not written."""
    return msgspec.field(default_factory=(lambda: list(items)) if items else list)


def default_map() -> Any:
    """Declare a field that is a map, empty by default."""
    return msgspec.field(default_factory=dict)


def refuse_version(document: Document, newest: int) -> None:
    """Refuse a file of a format that this release does not read, before its keys are looked at.

    Args:
        document: what ``parse`` read.
        newest: the version of the format that this release writes, and the only one so far.

    Raises:
        PipelineFileError: for another version, or none.
    """
    version = document.data.get("version")
    if type(version) is int and version == newest:
        return
    if version is None:
        problem, hint = "key 'version' is missing", f"add 'version: {newest}'"
    elif type(version) is int and version > newest:
        problem, hint = f"version {version} is newer than this release reads", "upgrade zenrepo"
    else:
        problem, hint = f"version {version!r} is not known", f"write 'version: {newest}'"
    raise document.places.error(("version",), problem, hint)


def convert(document: Document, kind: type[T]) -> T:
    """Read a document as a type.

    Args:
        document: what ``parse`` read.
        kind: a ``Typed`` class.

    Returns:
        The value.

    Raises:
        PipelineFileError: for an unknown key, a missing one, or a value of another type.
    """
    try:
        return msgspec.convert(document.data, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), document, kind) from error


def _refusal(message: str, document: Document, kind: type[Any]) -> PipelineFileError:
    parts = MESSAGE.fullmatch(message)
    problem, path = (parts["problem"], parts["path"] or "") if parts else (message, "")
    keys = _keys(path, document.data, kind)
    if found := UNKNOWN.fullmatch(problem):
        return _unknown_key(found[1], keys, document, kind)
    if found := MISSING.fullmatch(problem):
        return document.places.error(keys, f"key '{found[1]}' is missing{_inside(keys)}", f"add '{found[1]}: …'")
    if found := MISFIT.fullmatch(problem):
        return _misfit(found[1], found[2], keys, document)
    return document.places.error(keys, f"'{_dotted(keys)}': {problem}")


def _unknown_key(key: str, keys: Keys, document: Document, kind: type[Any]) -> PipelineFileError:
    known = _fields(kind, keys)
    hint = did_you_mean(key, known) or f"the keys here are {', '.join(known)}"
    return document.places.error((*keys, key), f"unknown key '{key}'{_inside(keys)}", hint)


def _misfit(wanted: str, got: str, keys: Keys, document: Document) -> PipelineFileError:
    value = _at(document.data, keys)
    problem = f"'{_dotted(keys)}' must be {_words(wanted)}, but is {_words(got)}"
    return document.places.error(keys, problem, _cure(wanted, got, value))


def _cure(wanted: str, got: str, value: object) -> str:
    if got == "null":
        return "give it a value, or leave the key out"
    if wanted == "str":
        return "quote it if it is a text"
    if wanted == "array" and not isinstance(value, dict):
        return f"write it as a list: [{value}]"
    if wanted == "object":
        return "write 'key: value' lines under it"
    return f"write {_words(wanted)}{' without quotes' if got == 'str' else ''}"


def _words(types: str) -> str:
    """Say in words what msgspec calls ``int | float | str``."""
    names = [name for name in types.split(" | ") if name != "null" or types == "null"]
    if "float" in names and "int" in names:
        names.remove("int")  # a number may be whole
    return " or ".join(WORDS.get(name, name) for name in names)


def _keys(path: str, data: Any, kind: type[Any]) -> Keys:
    """Follow msgspec's path into the data; where it hides the key of a map behind ``[...]``, find the key."""
    keys: Keys = ()
    for step in STEP.finditer(path):
        if step["key"]:
            keys = (*keys, step["key"])
        elif step["position"]:
            keys = (*keys, int(step["position"]))
        else:
            keys = (*keys, _culprit(keys, data, kind))
    return keys


def _culprit(keys: Keys, data: Any, kind: type[Any]) -> str:
    entries: dict[str, Any] = _at(data, keys)
    return next(key for key, value in entries.items() if not _fits(_with(data, keys, {key: value}), kind))


def _fits(data: Any, kind: type[Any]) -> bool:
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError:
        return False
    return True


def _with(data: Any, keys: Keys, value: Any) -> Any:
    """Copy data with another value at a key."""
    if not keys:
        return value
    inner = _with(data[keys[0]], keys[1:], value)
    if isinstance(data, Mapping):
        return {**data, keys[0]: inner}
    return [inner if position == keys[0] else item for position, item in enumerate(data)]


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


def _fields(kind: Any, keys: Keys) -> tuple[str, ...]:
    """List the keys that the type takes at a place."""
    for key in keys:
        inner = get_args(kind)
        kind = _struct(inner[-1] if inner else get_type_hints(kind)[str(key)])
    names: tuple[str, ...] = kind.__struct_fields__
    return names


def _struct(kind: Any) -> Any:
    """Give the one type of a union that has keys, or lists or maps of such."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next(each for each in get_args(kind) if hasattr(each, "__struct_fields__") or get_args(each))


def _inside(keys: Keys) -> str:
    return f" in '{_dotted(keys)}'" if keys else ""


def _dotted(keys: Iterable[str | int]) -> str:
    return ".".join(str(key) for key in keys) or "the file"
