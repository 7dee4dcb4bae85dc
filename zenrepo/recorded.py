"""Objects that are made again from a record of their arguments: steps and backends."""

from __future__ import annotations

import math
import os
from abc import ABC
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, TypeAlias, TypeVar

from zenrepo.errors import StepArgumentError, UsageError

R = TypeVar("R", bound="Recorded")
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

PINNED = "zenrepo.pinned."
"""The package that holds modules as they were at a commit, as ``zenrepo.pinned.c<commit>.<module>``."""

_SHIPPED = ("zenrepo.steps", "zenrepo.backends")

DATE, DATETIME, CLASS = "!date", "!datetime", "!class"
TAGS = (DATE, DATETIME, CLASS)
"""What marks a typed value: a tag in YAML, in a record the one key of a map that stands for the value."""
_EXAMPLES = {DATE: "2024-05-01", DATETIME: "2024-05-01T12:00:00+00:00", CLASS: "module.net.Network"}


class Recorded(ABC):
    """Keyword arguments only, recorded as they are given.

    A subclass may hand them to ``super().__init__(**params)`` and need not.

    Args:
        params: every argument needed to make the object again. Numbers, strings, ``None``, dates, classes of
            modules, lists, and maps with string keys can be recorded.

    Raises:
        StepArgumentError: for a positional argument, or one that cannot be recorded.
    """

    KIND: ClassVar[str]
    """What the object is; each interface sets its own."""

    _args: dict[str, Any]
    _record: dict[str, Value]

    def __new__(cls: type[R], *args: object, **kwargs: object) -> R:
        """Record the arguments, before the class's own ``__init__`` does anything with them."""
        if args:
            raise StepArgumentError(
                cls.__qualname__,
                f"takes keyword arguments only, but {len(args)} positional one(s) were given, first {args[0]!r}",
                f"name them: {cls.__qualname__}(name=value)",
            )
        made: R = super().__new__(cls)
        # its own, seen through a type variable
        made._record = {name: _recordable(cls.__qualname__, name, value) for name, value in kwargs.items()}  # noqa: SLF001
        made._args = {name: _copied(value) for name, value in kwargs.items()}  # noqa: SLF001
        return made

    def __init__(self, **params: Value) -> None:  # noqa: B027  (a subclass need not have one)
        """Take what a subclass hands on; the record was made before this was called."""

    @property
    def args(self) -> dict[str, Any]:
        """The arguments that the object was made with."""
        return dict(self._args)

    @property
    def record(self) -> dict[str, Value]:
        """The arguments as a pipeline file and a plan keep them; `restored` gives them back."""
        return dict(self._record)

    @classmethod
    def step_type(cls) -> str:
        """The type: the dotted path of the class from a source root, the same for every version of it."""
        return step_type_of(cls.__module__, cls.__qualname__)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{k}={v!r}' for k, v in self._args.items())})"


def step_type_of(module: str, qualname: str) -> str:
    """Name the step type of a class.

    Args:
        module: the class's ``__module__``, which may be a pinned one.
        qualname: the class's ``__qualname__``.

    Returns:
        ``module.qualname`` without the pin; a step that ships with zenrepo is ``zenrepo.steps.<qualname>``, a backend
        ``zenrepo.backends.<qualname>``.
    """
    if module.startswith(PINNED):
        module = module[len(PINNED) :].partition(".")[2]
    else:
        module = next((package for package in _SHIPPED if module.startswith(f"{package}.")), module)
    return f"{module}.{qualname}" if module else qualname


def _copied(value: Any) -> Any:
    """Copy lists and maps, so that a later change of them is no change of the record."""
    match value:
        case list():
            return [_copied(item) for item in value]
        case dict():
            return {key: _copied(item) for key, item in value.items()}
    return value


def restored(value: Value, load: Callable[[str], type]) -> Any:
    """Give an argument back as it was before it was recorded.

    Args:
        value: as the record has it.
        load: gives the class of a dotted path, perhaps pinned.

    Returns:
        The value, with dates and classes in the place of what stands for them.
    """
    match value:
        case list():
            return [restored(item, load) for item in value]
        case dict():
            return _restored_map(value, load)
    return value


def _restored_map(value: dict[str, Value], load: Callable[[str], type]) -> Any:
    found = marked(value)
    if found is None:
        return {key: restored(item, load) for key, item in value.items()}
    tag, text = found
    if tag == CLASS:
        return load(text)
    return datetime.fromisoformat(text) if tag == DATETIME else date.fromisoformat(text)


def marked(value: object) -> tuple[str, str] | None:
    """Give the tag and the text of a map that stands for a typed value; ``None`` for anything else."""
    if isinstance(value, dict) and len(value) == 1:
        [(tag, text)] = value.items()
        if tag in TAGS and isinstance(text, str):
            return tag, text
    return None


def refuse_marked(tag: str, text: str) -> None:
    """Refuse a text that its tag cannot have.

    Args:
        tag: ``!date``, ``!datetime`` or ``!class``.
        text: behind it.

    Raises:
        UsageError: saying how it is written.
    """
    try:
        if tag == DATETIME:
            datetime.fromisoformat(text)
        elif tag == DATE:
            date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a {tag[1:]}", f"write it as in '{tag} {_EXAMPLES[tag]}'") from None
    if tag == CLASS and not all(name.isidentifier() for name in text.partition("@")[0].split(".")):
        raise UsageError(f"'{text}' is not the dotted path of a class", f"write it as in '{tag} {_EXAMPLES[tag]}'")


def _recordable(step: str, name: str, value: object) -> Value:
    """Copy an argument into what a pipeline file and a JSON plan both keep exactly, or refuse it by name."""
    match value:
        case None | bool():
            return value
        case int() | str():  # of a subclass, such as an enumeration's, the plain value
            return int(value) if isinstance(value, int) else str.__str__(value)
        case float() if math.isfinite(value):
            return float(value)
        case list():
            return [_recordable(step, f"{name}[{i}]", item) for i, item in enumerate(value)]
        case dict():
            return _recordable_map(step, name, value)
    return _recordable_typed(step, name, value)


def _recordable_typed(step: str, name: str, value: object) -> Value:
    match value:
        case datetime():
            return {DATETIME: value.isoformat()}
        case date():
            return {DATE: value.isoformat()}
        case type():
            return {CLASS: _reference(step, name, value)}
    raise StepArgumentError(step, f"argument '{name}' cannot be recorded: {_what(value)}", _cure(value))


def _recordable_map(step: str, name: str, value: Mapping[Any, object]) -> dict[str, Value]:
    for key in value:
        if not isinstance(key, str):
            raise StepArgumentError(
                step,
                f"argument '{name}' cannot be recorded: its key {key!r} is not a string",
                f"use {str(key)!r}",
            )
    if marked(value):
        [key] = value
        raise StepArgumentError(step, f"argument '{name}' cannot be recorded: '{key}' marks typed values", "rename it")
    return {key: _recordable(step, f"{name}.{key}", item) for key, item in value.items()}


def _reference(step: str, name: str, value: type) -> str:
    """Name a class so that it is found again, with its pin where it was loaded by one."""
    if value.__module__ == "__main__" or "<locals>" in value.__qualname__:
        problem = f"argument '{name}' cannot be recorded: class '{value.__qualname__}' is not in a module of its own"
        raise StepArgumentError(step, problem, "move it to a module and import it from there")
    pin = pin_of(value)
    return f"{step_type_of(value.__module__, value.__qualname__)}{f'@{pin}' if pin else ''}"


def pin_of(value: type) -> str:
    """Give the commit that a class was loaded from by a pin; empty for one that was imported."""
    module = value.__module__
    return module[len(PINNED) :].partition(".")[0][1:] if module.startswith(PINNED) else ""


def _what(value: object) -> str:
    return f"{value} is not a finite number" if isinstance(value, float) else f"it is a {type(value).__name__}"


def _cure(value: object) -> str:
    if isinstance(value, tuple | set | frozenset):
        return "give a list"
    if isinstance(value, os.PathLike):
        return f"give a string: {str(value)!r}"
    return "give numbers, strings, dates, lists, maps and classes, and make the object inside the step"
