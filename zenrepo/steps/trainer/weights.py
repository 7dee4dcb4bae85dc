"""How much an example of a class counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepFailed, did_you_mean
from zenrepo.steps.trainer.network import BALANCED

if TYPE_CHECKING:  # it imports TensorFlow
    from zenrepo.steps.trainer.problem import Problem


def class_weights(given: Any, problem: Problem) -> list[float] | None:
    """Say what an example of each class counts.

    Args:
        given: the argument: ``None``, ``balanced`` or a map from the names of classes to numbers.
        problem: what the label asks for.

    Returns:
        One number for each class, in the order of their indices; ``None`` where all count the same.

    Raises:
        StepFailed: for weights in a regression, and for an unknown class.
    """
    if given is None:
        return None
    if not problem.classes:
        raise StepFailed("there are class_weights, but the label is no class", "leave 'class_weights' out")
    if given == BALANCED:
        total = sum(problem.counts)
        return [total / (problem.classes * count) if count else 0.0 for count in problem.counts]
    for name in given:
        if name not in problem.names:
            hint = did_you_mean(name, problem.names) or f"the classes are {', '.join(problem.names)}"
            raise StepFailed(f"class_weights names the class '{name}', which the label does not have", hint)
    return [float(given.get(name, 1.0)) for name in problem.names]
