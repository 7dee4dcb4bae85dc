"""The arguments of StandardSequencer: what they may be, and what they are where nothing is said."""

from __future__ import annotations

from typing import Any, Final

from zenrepo.errors import StepArgumentError, did_you_mean
from zenrepo.steps.times import ALIASES, SECONDS, Length, length_of

RESAMPLING: Final = ("mean", "median", "mode", "threshold", "sum", "min", "max", "first", "last", "count")
FILLING: Final = ("forward", "backward", "linear", "min", "max", "mean", "constant")
NEEDS: Final = {"threshold": "cut", "constant": "value"}
"""The methods that take an argument, and its name."""

NUMBERS_ONLY: Final = frozenset({"mean", "median", "threshold", "sum", "linear"})
"""The methods that a text has no use for."""

BY_TYPE: Final = {"float": "mean", "int": "mean", "string": "mode"}
"""How a feature is resampled where nothing is said."""


def methods_of(step: str, argument: str, given: object, known: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Read the methods of features.

    Args:
        step: the class of the step.
        argument: ``resampling`` or ``filling``.
        given: by feature, the name of a method or a map with ``method`` and what the method needs.
        known: the methods.

    Returns:
        By feature, such a map.

    Raises:
        StepArgumentError: naming the argument and the feature.
    """
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise StepArgumentError(step, f"{argument} is {given!r}, not a map", f"give {{'temperature': '{known[0]}'}}")
    return {name: _method(step, f"{argument}.{name}", method, known) for name, method in given.items()}


def _method(step: str, place: str, given: object, known: tuple[str, ...]) -> dict[str, Any]:
    method: dict[str, Any] = given if isinstance(given, dict) else {"method": given}
    name = method.get("method")
    if name not in known:
        hint = did_you_mean(str(name), known) or f"there are {', '.join(known)}"
        raise StepArgumentError(step, f"{place} is {name!r}, which is no method", hint)
    needed = {"method", *([NEEDS[name]] if name in NEEDS else [])}
    for key in sorted(needed - method.keys()):
        raise StepArgumentError(
            step, f"{place} lacks '{key}'", f"give {{'method': '{name}', '{key}': {0.5 if key == 'cut' else 0}}}"
        )
    for key in sorted(method.keys() - needed):
        raise StepArgumentError(
            step, f"{place} has '{key}', which '{name}' does not take", f"it takes {', '.join(sorted(needed))}"
        )
    if name == "threshold" and (isinstance(method["cut"], bool) or not isinstance(method["cut"], int | float)):
        raise StepArgumentError(step, f"{place}.cut is {method['cut']!r}, not a number")
    if name == "constant" and (isinstance(method["value"], bool) or not isinstance(method["value"], int | float | str)):
        raise StepArgumentError(step, f"{place}.value is {method['value']!r}, not a number or a text")
    return method


def read_length(step: str, argument: str, given: object) -> Length | None:
    """Read a length of time.

    Args:
        step: the class of the step.
        argument: the name of the argument.
        given: such as ``15min``, or ``None``.

    Raises:
        StepArgumentError: naming the argument.
    """
    if given is None:
        return None
    found = length_of(given)
    if found is None:
        unit = str(given).lstrip("0123456789 ")
        near = "give at least one" if unit in ALIASES else did_you_mean(unit, ALIASES)
        hint = near or f"write '1D', '15min' or 'h'; the units are {', '.join([*SECONDS, 'W', 'MS', 'QS', 'YS'])}"
        raise StepArgumentError(step, f"{argument} is {given!r}, not a length of time", hint)
    return found
