"""From the steps that Python makes to the entries of a pipeline file."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from zenrepo.backends.base import Backend
from zenrepo.errors import StepArgumentError, UsageError
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import Entry, PipelineFile, StepEntry, texts
from zenrepo.pipeline_files.limits import Duration, Retries
from zenrepo.recorded import Recorded, pin_of
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.sources.shipped import INTERFACES
from zenrepo.steps.base import BaseStep
from zenrepo.steps.limits import StepLimits

T = TypeVar("T")
_INTERFACE = {kind: name for name, kind in INTERFACES.items()}


def entry_of(step: BaseStep) -> StepEntry:
    """Say a step as a pipeline file does.

    Args:
        step: an instance; one whose class was loaded as it was at a commit is written with that pin.

    Raises:
        UsageError: for a class that no commit could find again.
    """
    backend = backend_entry(step.backend) if step.backend else None
    timeout, retries = _limits(step)
    return StepEntry(type=_type(step), args=step.record, backend=backend, timeout=timeout, retries=retries)


def _limits(step: BaseStep) -> tuple[Duration | None, int | Retries | None]:
    """Say the limits of a step as a pipeline file does, in the shortest way."""
    found = step.limits
    if not isinstance(found, StepLimits):  # none, or something of the class's own that has the same name
        return None, None
    full = Retries(times=found.retries, wait=found.wait, most=found.most)
    is_plain = full == Retries(times=found.retries)
    return found.timeout, (found.retries or None) if is_plain or not found.retries else full


def backend_entry(backend: Backend) -> Entry:
    """Say a backend as a pipeline file does; see `entry_of`."""
    return Entry(type=_type(backend), args=backend.record)


def insert(entries: dict[str, T], place: int, name: str, entry: T) -> dict[str, T]:
    """Put an entry at a place of a map."""
    items = list(entries.items())
    return dict([*items[:place], (name, entry), *items[place:]])


def refuse_interface(kind: str, step: object) -> None:
    """Refuse what is not an instance of a step of a kind.

    Raises:
        UsageError: saying what was wanted, and which function takes it.
    """
    interface = _INTERFACE[kind]
    wanted = f"add_{kind} takes an instance of {interface}"
    step = _instance(step, wanted, interface)
    if kind != step.KIND:
        hint = f"use add_{step.KIND}" if step.KIND != "custom" else f"extend zenrepo.steps.{interface}"
        raise UsageError(f"{wanted}, but '{type(step).__qualname__}' is a {step.KIND} step", hint)


def refuse_no_step(step: object) -> None:
    """Refuse what is not an instance of any step, as `refuse_interface` does."""
    _instance(step, "add_step takes an instance of a step", "CustomStep")


def refuse_paths(pipeline: PipelineFile, root: Path) -> None:
    """Refuse arguments with a path that would not work in another clone.

    Args:
        pipeline: what the file will say.
        root: the repository's folder.

    Raises:
        StepArgumentError: naming the step and the argument.
    """
    for _, entry in pipeline.entries():
        for keys, text in texts(entry.args):
            _refuse_path(text, entry.step_type, ".".join(str(key) for key in keys), root)


def _instance(step: object, wanted: str, interface: str) -> BaseStep:
    if isinstance(step, type):
        raise UsageError(f"{wanted}, but got the class '{step.__qualname__}'", f"make it: {step.__qualname__}(…)")
    if not isinstance(step, BaseStep):
        raise UsageError(f"{wanted}, but got {step!r}", f"extend zenrepo.steps.{interface}")
    return step


def _type(step: Recorded) -> str:
    """Name the step type of an instance; of a class that was loaded as it was at a commit, with that pin."""
    cls = type(step)
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        where = "the script that runs" if cls.__module__ == "__main__" else "a function"
        raise UsageError(
            f"class '{cls.__qualname__}' is defined in {where}, where no commit can find it",
            "move it to a module of the repository and import it from there",
        )
    pin = pin_of(cls)
    step_type = f"{step.step_type()}@{pin}" if pin else step.step_type()
    rules.refuse_step_type(step_type)
    return step_type


def _refuse_path(text: str, step_type: str, argument: str, root: Path) -> None:
    try:
        refuse_absolute(text, root)
        refuse_outside(text)
    except UsageError as error:
        raise StepArgumentError(step_type, f"argument '{argument}': {error.message}", error.hint) from error
