"""How long a step or a run may take, and how often a step is tried again, as a pipeline file says it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

from zenrepo.durations import refuse_no_duration, seconds_of
from zenrepo.errors import UsageError
from zenrepo.typed_yaml import Typed

Duration: TypeAlias = int | float | str
"""A length of time, as `zenrepo.durations` reads it."""

MOST_RETRIES: Final = 100


class Retries(Typed, frozen=True, kw_only=True):
    """How a step is tried again when it has failed.

    Args:
        times: how often, at the most.
        wait: how long to wait before the first time; before each further one about twice as long.
        most: how long to wait at the most.
    """

    times: int
    wait: Duration = "10 s"
    most: Duration = "5 min"


def refuse_limits(
    timeout: Duration | None, retries: int | Retries | None, at: Callable[..., AbstractContextManager[None]]
) -> None:
    """Refuse limits that cannot be kept.

    Args:
        timeout: how long it may take; ``None`` for as long as it likes.
        retries: how often it is tried again.
        at: gives errors the line of a key: called with ``timeout``, or ``retries`` and a key in it.

    Raises:
        UsageError: for what is no length of time, and for more retries than make sense.
    """
    with at("timeout"):
        refuse_no_duration(timeout)
    if retries is None:
        return
    found = full(retries)
    for name in ("wait", "most"):
        with at("retries", name):
            seconds_of(getattr(found, name))
    with at("retries", "times"):
        if not 0 <= found.times <= MOST_RETRIES:
            raise UsageError(f"a step cannot be tried {found.times} times again", f"write 0 to {MOST_RETRIES}")


def full(retries: int | Retries | None) -> Retries:
    """Say in full what a file may say as a number, or not at all."""
    return retries if isinstance(retries, Retries) else Retries(times=retries or 0)
