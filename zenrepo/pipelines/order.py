"""The order of the steps of a training pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zenrepo.errors import UsageError

ORDER: Final = ("data", "split", "sequencer", "preprocess", "trainer", "evaluator", "deployer")
"""The kinds of steps, in the order in which they run."""

OPTIONAL: Final = frozenset({"sequencer", "evaluator", "deployer"})

IN_ORDER: Final = "the order is " + ", ".join(f"{kind} (optional)" if kind in OPTIONAL else kind for kind in ORDER)


def refuse_order(before: Mapping[str, str], name: str, kind: str) -> None:
    """Refuse a step that cannot stand after those before it.

    Args:
        before: the kinds of the steps before it, by step name.
        name: the step's name.
        kind: its kind.

    Raises:
        UsageError: for a kind without a place, a second step of a kind, or a step after one that it precedes.
    """
    if kind not in ORDER:
        raise UsageError(f"step '{name}' is a {kind} step, which has no place in a training pipeline", IN_ORDER)
    for other, other_kind in before.items():
        if other_kind == kind:
            raise UsageError(f"step '{name}' is a second {kind} step, after '{other}'", "keep one of them")
        if ORDER.index(other_kind) > ORDER.index(kind):
            raise UsageError(f"{kind} step '{name}' stands after {other_kind} step '{other}'", IN_ORDER)


def refuse_incomplete(kinds: Mapping[str, str]) -> None:
    """Refuse steps among which a mandatory one is missing.

    Args:
        kinds: the kinds of all steps, by step name.

    Raises:
        UsageError: naming the first kind that is missing.
    """
    there = set(kinds.values())
    for kind in ORDER:
        if kind not in there and kind not in OPTIONAL:
            raise UsageError(f"the pipeline has no {kind} step", f"add one; {IN_ORDER}")


def position(kinds: Mapping[str, str], kind: str) -> int:
    """Say where among steps a new one goes: before the first of a later kind.

    Args:
        kinds: the kinds of the steps that are there, by step name; one not in the order is passed over.
        kind: the new step's.

    Returns:
        Its position, from 0.
    """
    later = ORDER[ORDER.index(kind) + 1 :]
    return next((place for place, other in enumerate(kinds.values()) if other in later), len(kinds))
