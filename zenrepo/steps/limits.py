"""How long a step may take, and how often it is tried again, as Python says it."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from zenrepo.durations import refuse_no_duration, seconds_of
from zenrepo.errors import UsageError

L = TypeVar("L", bound="Limited")
Duration = int | float | str

WAIT = "10 s"
MOST = "5 min"


class StepLimits(NamedTuple):
    """The limits of a step.

    Args:
        timeout: how long an attempt may take, as `zenrepo.durations` reads it; ``None`` for as long as it likes.
        retries: how often the step is tried again when it failed.
        wait: how long to wait before the first time; before each further one about twice as long.
        most: how long to wait at the most.
    """

    timeout: Duration | None = None
    retries: int = 0
    wait: Duration = WAIT
    most: Duration = MOST


class Limited:
    """The part of a step that knows its limits. They are no part of its identity, nor of what is used again."""

    limits: StepLimits | None = None
    """How long the step may take, and how often it is tried again; ``None`` for as long as it likes, and once."""

    def with_limits(
        self: L,
        *,
        timeout: Duration | None = None,
        retries: int = 0,
        wait: Duration = WAIT,
        most: Duration = MOST,
    ) -> L:
        """Say how long the step may take, and how often it is tried again.

        Args:
            timeout: how long an attempt may take: ``"2 h"``, or seconds; as long as it likes by default.
            retries: how often the step is tried again when it failed.
            wait: how long to wait before the first time; before each further one about twice as long.
            most: how long to wait at the most.

        Returns:
            The step.

        Raises:
            UsageError: for what is no length of time, or no number of times.
        """
        refuse_no_duration(timeout)
        if type(retries) is not int or retries < 0:
            raise UsageError(f"retries is {retries!r}, which is no number of times", "give 0 or more")
        for duration in (wait, most):
            seconds_of(duration)
        self.limits = StepLimits(timeout, retries, wait, most)
        return self
