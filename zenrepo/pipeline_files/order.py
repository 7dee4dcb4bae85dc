"""Which steps a pipeline of each kind has, and in which order they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from zenrepo.errors import UsageError


class Order(NamedTuple):
    """The steps of one kind of pipeline.

    Args:
        pipeline: how the kind of pipeline is called in messages.
        kinds: the kinds of steps, in the order in which they run; empty where any may stand anywhere.
        optional: those that may be missing.
    """

    pipeline: str
    kinds: tuple[str, ...]
    optional: frozenset[str]

    @property
    def words(self) -> str:
        """The order, as a hint says it."""
        return "the order is " + ", ".join(
            f"{kind} (optional)" if kind in self.optional else kind for kind in self.kinds
        )


ORDERS: Final = {
    "training": Order(
        "training pipeline",
        ("data", "split", "sequencer", "preprocess", "trainer", "evaluator", "deployer"),
        frozenset({"sequencer", "evaluator", "deployer"}),
    ),
    "data": Order(
        "data pipeline",
        ("data", "split", "sequencer", "preprocess"),
        frozenset({"split", "sequencer", "preprocess"}),
    ),
    "batch_inference": Order(
        "batch inference pipeline",
        ("data", "split", "sequencer", "inferrer"),
        frozenset({"split", "sequencer"}),
    ),
    "evaluation": Order(
        "evaluation pipeline",
        ("data", "split", "sequencer", "evaluator"),
        frozenset({"split", "sequencer"}),
    ),
    "custom": Order("custom pipeline", (), frozenset()),
}
"""By kind of pipeline, as its file says it."""


def refuse_order(order: Order, before: Mapping[str, str], name: str, kind: str) -> None:
    """Refuse a step that cannot stand after those before it.

    Args:
        order: of the pipeline.
        before: the kinds of the steps before it, by step name.
        name: the step's name.
        kind: its kind.

    Raises:
        UsageError: for a kind without a place, a second step of a kind, or a step after one that it precedes.
    """
    if not order.kinds:
        return
    if kind not in order.kinds:
        raise UsageError(f"step '{name}' is {_a(kind)} step, which has no place in {_a(order.pipeline)}", order.words)
    for other, other_kind in before.items():
        if other_kind == kind:
            raise UsageError(f"step '{name}' is a second {kind} step, after '{other}'", "keep one of them")
        if order.kinds.index(other_kind) > order.kinds.index(kind):
            raise UsageError(f"{kind} step '{name}' stands after {other_kind} step '{other}'", order.words)


def refuse_incomplete(order: Order, kinds: Mapping[str, str]) -> None:
    """Refuse steps among which a mandatory one is missing.

    Args:
        order: of the pipeline.
        kinds: the kinds of all steps, by step name.

    Raises:
        UsageError: naming the first kind that is missing.
    """
    if not kinds:
        raise UsageError("the pipeline has no steps", order.words if order.kinds else "add one")
    there = set(kinds.values())
    for kind in order.kinds:
        if kind not in there and kind not in order.optional:
            raise UsageError(f"the pipeline has no {kind} step", f"add one; {order.words}")


def position(order: Order, kinds: Mapping[str, str], kind: str) -> int:
    """Say where among steps a new one goes: before the first of a later kind, or last where there is no order.

    Args:
        order: of the pipeline.
        kinds: the kinds of the steps that are there, by step name; one not in the order is passed over.
        kind: the new step's.

    Returns:
        Its position, from 0.
    """
    later = order.kinds[order.kinds.index(kind) + 1 :] if order.kinds else ()
    return next((place for place, other in enumerate(kinds.values()) if other in later), len(kinds))


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
