"""Arguments that evaluators have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zenrepo.errors import StepArgumentError, StepFailed, did_you_mean


def slices_of(step: str, slices: Any) -> list[list[str]]:
    """Read the argument ``slices``.

    Args:
        step: the class of the step, for errors.
        slices: features, or lists of features that are crossed.

    Returns:
        A list of features for each way to slice.

    Raises:
        StepArgumentError: for anything else.
    """
    if slices is not None and not isinstance(slices, list):
        raise StepArgumentError(step, f"slices is {slices!r}, not a list", "write [<feature>, [<feature>, <feature>]]")
    found = [[one] if isinstance(one, str) else one for one in slices or []]
    for position, features in enumerate(found):
        if not isinstance(features, list) or not features or not all(isinstance(f, str) and f for f in features):
            raise StepArgumentError(
                step, f"slices[{position}] is {features!r}", "give a feature, or a list of features to cross"
            )
    return found


def known_slices(slices: Iterable[Iterable[str]], features: Iterable[str]) -> None:
    """Refuse to slice by a feature that the examples do not have.

    Args:
        slices: as ``slices_of`` reads them.
        features: those that there are.

    Raises:
        StepFailed: naming the feature and those near it.
    """
    features = list(features)
    for feature in (feature for one in slices for feature in one):
        if feature not in features:
            raise StepFailed(
                f"there is no feature '{feature}' to slice by",
                did_you_mean(feature, features) or f"the examples have {', '.join(sorted(features))}",
            )
