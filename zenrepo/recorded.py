"""Objects that are made again from a record of their arguments: steps and backends."""

from __future__ import annotations

import math
import os
from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias, TypeVar

from zenrepo.errors import StepArgumentError

R = TypeVar("R", bound="Recorded")
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

PINNED = "zenrepo.pinned."
"""The package that holds modules as they were at a commit, as ``zenrepo.pinned.c<commit>.<module>``."""

_SHIPPED = ("zenrepo.steps", "zenrepo.backends")


class Recorded(ABC):
    """Keyword arguments only, recorded as they are given.

    A subclass may hand them to ``super().__init__(**params)`` and need not.

    Args:
        params: every argument needed to make the object again. Numbers, strings, ``None``, lists, and maps with
            string keys can be recorded.

    Raises:
        StepArgumentError: for a positional argument, or one that cannot be recorded.
    """

    KIND: ClassVar[str]
    """What the object is; each interface sets its own."""

    _args: dict[str, Value]

    def __new__(cls: type[R], *args: object, **kwargs: object) -> R:
        """Record the arguments, before the class's own ``__init__`` does anything with them."""
        if args:
            raise StepArgumentError(
                cls.__qualname__,
                f"takes keyword arguments only, but {len(args)} positional one(s) were given, first {args[0]!r}",
                f"name them: {cls.__qualname__}(name=value)",
            )
        made: R = super().__new__(cls)
        made._args = {  # noqa: SLF001  (its own, seen through a type variable)
            name: _recordable(cls.__qualname__, name, value) for name, value in kwargs.items()
        }
        return made

    def __init__(self, **params: Value) -> None:  # noqa: B027  (a subclass need not have one)
        """Take what a subclass hands on; the record was made before this was called."""

    @property
    def args(self) -> dict[str, Value]:
        """The arguments that the object was made with."""
        return dict(self._args)

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


def _recordable(step: str, name: str, value: object) -> Value:
    """Copy an argument into what a pipeline file and a JSON plan both keep exactly, or refuse it by name."""
    match value:
        case None | bool():
            return value
        case int():
            return int(value)
        case float() if math.isfinite(value):
            return float(value)
        case str():
            return str(value)
        case list():
            return [_recordable(step, f"{name}[{i}]", item) for i, item in enumerate(value)]
        case dict():
            return _recordable_map(step, name, value)
    raise StepArgumentError(step, f"argument '{name}' cannot be recorded: {_what(value)}", _cure(value))


def _recordable_map(step: str, name: str, value: Mapping[Any, object]) -> dict[str, Value]:
    for key in value:
        if not isinstance(key, str):
            raise StepArgumentError(
                step,
                f"argument '{name}' cannot be recorded: its key {key!r} is not a string",
                f"use {str(key)!r}",
            )
    return {key: _recordable(step, f"{name}.{key}", item) for key, item in value.items()}


def _what(value: object) -> str:
    return f"{value} is not a finite number" if isinstance(value, float) else f"it is a {type(value).__name__}"


def _cure(value: object) -> str:
    if isinstance(value, tuple | set | frozenset):
        return "give a list"
    if isinstance(value, os.PathLike):
        return f"give a string: {str(value)!r}"
    return "give numbers, strings, lists and maps, and make the object inside the step"
