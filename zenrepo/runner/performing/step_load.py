"""Makes steps and backends from what a plan says of them, once in a process."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any, TypeVar

from zenrepo import backends, steps
from zenrepo.backends.base import Backend
from zenrepo.errors import StepFailed, UnknownName
from zenrepo.recorded import Recorded, restored
from zenrepo.runs.plan import Plan, PlannedBackend, PlannedStep
from zenrepo.sources.load import has_module, load
from zenrepo.steps.base import BaseStep

R = TypeVar("R", bound=Recorded)

_made: dict[str, Recorded] = {}
"""The steps and backends of this process, one for each config, so that all calls reach the same instance."""


def config_of(plan: Plan, step: PlannedStep) -> dict[str, Any]:
    """Write down what a step can be made from again in any process on this machine."""
    return _config(plan, step.name, step)


def backend_of(plan: Plan, name: str, backend: PlannedBackend) -> Backend:
    """Make a backend.

    Args:
        plan: the run.
        name: of the step that works on it, or of the pipeline.
        backend: as the plan has it.

    Raises:
        StepFailed: if there is no such class, or it takes no such arguments.
        PinError: if a pinned version cannot be honoured.
    """
    return _make(_config(plan, name, backend), Backend)


def step_of(config: dict[str, Any]) -> BaseStep:
    """Make a step, or give the one that was made from the same config.

    Args:
        config: as ``config_of`` wrote it.

    Returns:
        The step.

    Raises:
        StepFailed: if there is no such class, or it takes no such arguments.
        PinError: if a pinned version cannot be honoured.
    """
    return _make(config, BaseStep)


def _config(plan: Plan, name: str, planned: PlannedStep | PlannedBackend) -> dict[str, Any]:
    return {
        "name": name,
        "type": planned.type,
        "args": planned.args,
        "pin": f"{planned.type}@{planned.version}" if planned.pinned else "",
        "repository": plan.repository,
        "source_roots": plan.source_roots,
    }


def _make(config: dict[str, Any], root: type[R]) -> R:
    key = json.dumps(config, sort_keys=True)
    if key not in _made:
        kind = load_class(config, root)
        try:
            args = restored(config["args"], lambda dotted: _class(dotted, config))
            _made[key] = kind(**args)
        except TypeError as error:
            raise StepFailed(f"{_who(config, root)} cannot be made: {error}") from error
    found = _made[key]
    assert isinstance(found, root)
    return found


def _class(dotted: str, config: dict[str, Any]) -> type[Any]:
    """Find a class that an argument names: of the commit that the argument, or else the step, is pinned to."""
    pin = dotted.partition("@")[2] or config["pin"].partition("@")[2]
    name = dotted.partition("@")[0]
    repository = Path(config["repository"])
    if pin and has_module(name, pin, repository):
        pinned: type[Any] = load(f"{name}@{pin}", repository=repository)
        return pinned
    found = _import(name, config["source_roots"], own=False)
    if not isinstance(found, type):
        raise StepFailed(f"step '{config['name']}': '{name}' is no class", "name a class")
    return found


def _who(config: dict[str, Any], root: type[Recorded]) -> str:
    return f"the backend of '{config['name']}'" if root is Backend else f"step '{config['name']}'"


def load_class(config: dict[str, Any], root: type[R]) -> type[R]:
    """Find a class below a root: from zenrepo, from git where it is pinned, else from the run's checkout."""
    dotted: str = config["type"]
    if config["pin"]:
        pinned: type[R] = load(config["pin"], repository=Path(config["repository"]))
        return pinned
    room = next((room for room in (steps, backends) if dotted.startswith(f"{room.__name__}.")), None)
    if room:
        found = _attribute(dotted, room, dotted.removeprefix(f"{room.__name__}.").split("."))
    else:
        found = _import(dotted, config["source_roots"])
    if not (isinstance(found, type) and issubclass(found, root)):
        what = "backend" if root is Backend else "step"
        raise StepFailed(f"{_who(config, root)}: '{dotted}' is no {what}", f"let it extend a {what} interface")
    return found


def _import(dotted: str, source_roots: list[str], *, own: bool = True) -> Any:
    """Import the longest prefix that is a module, the repository's own or any, and follow the rest as attributes."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:cut])
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
                raise
            continue
        if own:
            _check_origin(name, source_roots)
        return _attribute(dotted, module, parts[cut:])
    raise UnknownName(
        "step type" if own else "class", dotted, [], f"no module '{parts[0]}' stands in {', '.join(source_roots)}"
    )


def _attribute(dotted: str, found: Any, parts: list[str]) -> Any:
    for part in parts:
        if not hasattr(found, part):
            above = dotted[: -len(".".join(parts))]
            raise UnknownName("step type", dotted, [f"{above}{name}" for name in _step_names(found)])
        found = getattr(found, part)
    return found


def _step_names(module: Any) -> list[str]:
    return [n for n, found in vars(module).items() if isinstance(found, type) and issubclass(found, Recorded)]


def _check_origin(name: str, source_roots: list[str]) -> None:
    """Refuse a module that an installed one of the same name hides."""
    file = getattr(sys.modules[name], "__file__", None)
    if file and not any(Path(file).is_relative_to(root) for root in source_roots):
        raise StepFailed(
            f"module '{name}' of the repository is hidden by an installed one, {file}",
            "rename the repository's module",
        )
