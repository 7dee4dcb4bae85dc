"""The arguments that several split steps take, and the checks that they make when they are made."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from zenrepo.errors import StepArgumentError, did_you_mean

SHARES = {"train": 0.7, "eval": 0.3}
SKIP, ERROR = "skip", "error"
LEFT_OUT = -1


def shares_of(step: str, split_map: object) -> dict[str, Any]:
    """Check the shares of splits.

    Args:
        step: the class of the step.
        split_map: as it was given; ``None`` for 0.7 ``train`` and 0.3 ``eval``.

    Returns:
        The share of each split.

    Raises:
        StepArgumentError: unless it is a map of names to positive numbers with a sum of 1.
    """
    if split_map is None:
        return dict(SHARES)
    given = a_map(step, "split_map", split_map, "give split_map={'train': 0.7, 'eval': 0.3}")
    for name, share in given.items():
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise StepArgumentError(step, f"the share of split '{name}' is {share!r}, not a number", "give 0.7, or 0.3")
        if not share > 0:
            raise StepArgumentError(step, f"the share of split '{name}' is {share}", "give each split more than 0")
    if not math.isclose(total := sum(given.values()), 1.0, abs_tol=1e-6):
        parts = " + ".join(f"{name} {share}" for name, share in given.items())
        raise StepArgumentError(
            step, f"the shares in split_map sum to {total:g}, not to 1: {parts}", "make them sum to 1"
        )
    split_names(step, given)
    return given


def a_map(step: str, argument: str, value: object, hint: str) -> dict[str, Any]:
    """Refuse what is no map, or an empty one.

    Args:
        step: the class of the step.
        argument: the name of the argument.
        value: of the argument.
        hint: says how it is written.

    Returns:
        The map.

    Raises:
        StepArgumentError: naming the argument.
    """
    if isinstance(value, dict) and value:
        return value
    raise StepArgumentError(step, f"{argument} is {value!r}, not a map", hint)


def split_names(step: str, names: Iterable[object]) -> None:
    """Refuse names of splits that could not name folders, or that name a policy.

    Raises:
        StepArgumentError: for the first.
    """
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise StepArgumentError(step, f"{name!r} cannot name a split", "use letters, digits, _ and -")
        if name in (SKIP, ERROR):
            raise StepArgumentError(step, f"a split cannot be named '{name}'", "that word says what to do without one")


def policy(step: str, argument: str, value: object, names: list[str]) -> None:
    """Refuse a policy that is none.

    Args:
        step: the class of the step.
        argument: the name of the argument.
        value: of the argument.
        names: of the splits.

    Raises:
        StepArgumentError: unless it is ``skip``, ``error`` or the name of a split.
    """
    known = [ERROR, SKIP, *names]
    if value not in known:
        listed = f"it can be {', '.join(repr(name) for name in known)}"
        raise StepArgumentError(step, f"{argument} is {value!r}", did_you_mean(str(value), known) or listed)


def cumulative(split_map: dict[str, Any]) -> tuple[list[str], list[float]]:
    """Lay the shares of splits end to end, in an order that does not depend on the order in which they were given.

    Args:
        split_map: shares by name.

    Returns:
        The names, largest share first, and where between 0 and 1 each share but the last ends.
    """
    names = sorted(split_map, key=lambda name: (-split_map[name], name))
    ends: list[float] = []
    for name in names[:-1]:
        ends.append((ends[-1] if ends else 0.0) + split_map[name])
    return names, ends
