"""Runs of a part of a pipeline: the steps from one to another, those of TFX's own between them too."""

from __future__ import annotations

from collections.abc import Mapping

from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.planning.wiring import MAKES_EXAMPLES, SCHEMA, STATISTICS


def names_of(kinds: Mapping[str, str]) -> list[str]:
    """Name what a pipeline executes, in order.

    Args:
        kinds: of its steps, by name.
    """
    names = list(kinds)
    place = next((i for i, kind in enumerate(kinds.values()) if kind not in MAKES_EXAMPLES), len(names))
    return [*names[:place], STATISTICS, SCHEMA, *names[place:]] if place else names


def refuse_part(kinds: Mapping[str, str], first: str, last: str) -> None:
    """Refuse a part that a pipeline does not have.

    Args:
        kinds: of its steps, by name.
        first: where the part begins; empty for the first of all.
        last: where it ends; empty for the last of all.

    Raises:
        UnknownName: for a step that is not there.
        UsageError: if the last stands before the first.
    """
    names = names_of(kinds)
    for name in filter(None, (first, last)):
        if name not in names:
            raise UnknownName("step", name, names, f"the steps are {', '.join(names)}")
    if first and last and names.index(first) > names.index(last):
        raise UsageError(f"step '{last}', to run to, stands before '{first}', to run from", "change the two")


def steps_to(kinds: Mapping[str, str], last: str) -> list[str]:
    """Name the steps of a pipeline up to the one that a run ends with, or all of them."""
    names = names_of(kinds)
    kept = names[: names.index(last) + 1] if last else names
    return [name for name in kinds if name in kept]
