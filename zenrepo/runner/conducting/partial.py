"""Runs that begin in the middle: what stands before is used again, or nothing is executed."""

from __future__ import annotations

from zenrepo.runner.conducting.performer import Answer


def not_cached(step: str, first: str) -> Answer:
    """Answer for a step that has no result to use again, and that the run was not asked to execute.

    Args:
        step: its name.
        first: the name of the step that the run begins with.
    """
    message = f"step '{step}' would run again, and the run was to begin with '{first}'"
    return Answer(error={"message": message, "hint": "leave --from and --only out", "traceback": "", "first": first})
