"""The root of every step: keyword arguments only, and every argument recorded."""

from __future__ import annotations

import math
import os
from abc import ABC
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, TypeVar

from zenrepo.errors import StepArgumentError

Step = TypeVar("Step", bound="BaseStep")
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"


class BaseStep(ABC):
    """One part of a pipeline, responsible for one kind of work on its data.

    A subclass takes keyword arguments. They are recorded as they are given, so that the step can be made again from
    its record; a subclass may hand them to ``super().__init__(**params)`` and need not.

    Args:
        params: every argument needed to make the step again. Numbers, strings, ``None``, lists, and maps with
            string keys can be recorded.

    Raises:
        StepArgumentError: for a positional argument, or one that cannot be recorded.
    """

    KIND: ClassVar[str] = "custom"
    """Where the step stands in a pipeline; each interface sets its own."""

    facts: dict[str, Value]
    """What the step found out while it ran and wants shown beside it: numbers, strings, lists and maps of them."""

    _args: dict[str, Value]

    def __new__(cls: type[Step], *args: object, **kwargs: object) -> Step:
        """Record the arguments, before the class's own ``__init__`` does anything with them."""
        if args:
            raise StepArgumentError(
                cls.__qualname__,
                f"takes keyword arguments only, but {len(args)} positional one(s) were given, first {args[0]!r}",
                f"name them: {cls.__qualname__}(name=value)",
            )
        step: Step = super().__new__(cls)
        step._args = {  # noqa: SLF001  (its own, seen through a type variable)
            name: _recordable(cls.__qualname__, name, value) for name, value in kwargs.items()
        }
        step.facts = {}
        return step

    def __init__(self, **params: Value) -> None:  # noqa: B027  (a subclass need not have one)
        """Take what a subclass hands on; the record was made before this was called."""

    @property
    def args(self) -> dict[str, Value]:
        """The arguments that the step was made with."""
        return dict(self._args)

    @classmethod
    def step_type(cls) -> str:
        """The step type: the dotted path of the class from a source root, the same for every version of it."""
        return step_type_of(cls.__module__, cls.__qualname__)

    def input_path(self, path: str) -> str:
        """Find a file or folder that an argument names.

        A relative path is one of the run's inputs: in the tree of the run's commit, or, where git does not track it,
        in the repository's folder. Outside a run it is relative to the current folder.

        Args:
            path: as the argument has it. A path with a scheme (``gs://…``) is returned as it is.

        Returns:
            A path that can be opened.
        """
        return run_inputs.get(path, path)

    def output_path(self, path: str) -> str:
        """Find a place outside the artifact store that an argument names, such as where a model is deployed to.

        Args:
            path: as the argument has it. In a run a relative path is in the repository's folder, outside one in the
                current folder. A path with a scheme (``gs://…``) is returned as it is.

        Returns:
            A path that can be written.
        """
        return path if "://" in path else str(Path(run_home.get("repository", ""), path))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{k}={v!r}' for k, v in self._args.items())})"


run_inputs: dict[str, str] = {}
"""The inputs of the run that this process performs a step of, by the path that an argument gives; empty elsewhere."""

run_home: dict[str, str] = {}
"""``repository``: the folder of the run's repository, in a process that performs a step; empty elsewhere."""

PINNED = "zenrepo.pinned."
"""The package that holds modules as they were at a commit, as ``zenrepo.pinned.c<commit>.<module>``."""


def step_type_of(module: str, qualname: str) -> str:
    """Name the step type of a class.

    Args:
        module: the class's ``__module__``, which may be a pinned one.
        qualname: the class's ``__qualname__``.

    Returns:
        ``module.qualname`` without the pin; a step that ships with zenrepo is ``zenrepo.steps.<qualname>``.
    """
    if module.startswith(PINNED):
        module = module[len(PINNED) :].partition(".")[2]
    elif module.startswith("zenrepo.steps."):
        module = "zenrepo.steps"
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
