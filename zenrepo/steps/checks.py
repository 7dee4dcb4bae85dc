"""Checks that several standard steps make."""

from __future__ import annotations

from collections.abc import Iterable

from zenrepo.errors import StepArgumentError, StepFailed, did_you_mean


def known_feature(what: str, name: str, features: Iterable[str]) -> None:
    """Refuse a feature that the examples do not have.

    Args:
        what: what the step calls it: ``feature`` or ``label``.
        name: the feature that the step names.
        features: those that there are.

    Raises:
        StepFailed: naming the feature and those near it.
    """
    features = list(features)
    if name not in features:
        hint = did_you_mean(name, features) or f"the examples have {', '.join(sorted(features))}"
        raise StepFailed(f"there is no {what} '{name}' in the examples", hint)


def positive(step: str, name: str, value: object) -> None:
    """Refuse an argument that is not a positive number.

    Args:
        step: the class of the step.
        name: of the argument.
        value: of the argument.

    Raises:
        StepArgumentError: naming the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise StepArgumentError(step, f"{name} is {value!r}, not a positive number")


def positive_whole(step: str, name: str, value: object) -> None:
    """Refuse an argument that is not a positive whole number, as ``positive`` does."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise StepArgumentError(step, f"{name} is {value!r}, not a positive whole number")


def whole(step: str, name: str, value: object) -> None:
    """Refuse an argument that is not a whole number, as ``positive`` does."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise StepArgumentError(step, f"{name} is {value!r}, not a whole number")


def text(step: str, name: str, value: object) -> None:
    """Refuse an argument that is no text or an empty one, as ``positive`` does."""
    if not isinstance(value, str) or not value:
        raise StepArgumentError(step, f"{name} is {value!r}, not a text")


def texts(step: str, name: str, value: object) -> None:
    """Refuse an argument that is not a list of texts, as ``positive`` does."""
    if not isinstance(value, list):
        raise StepArgumentError(step, f"{name} is {value!r}, not a list")
    for position, item in enumerate(value):
        text(step, f"{name}[{position}]", item)
