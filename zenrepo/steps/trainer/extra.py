"""Libraries that single trainers need beside the runner's own."""

from __future__ import annotations

from importlib.util import find_spec

from zenrepo.errors import StepFailed

EXTRAS = {"torch": "torch", "sklearn": "tfx"}
"""By module, the extra of zenrepo that brings it."""


def need(module: str, step: str) -> None:
    """Refuse to go on without a library.

    Args:
        module: that is needed.
        step: the class of the step that needs it.

    Raises:
        StepFailed: naming how to get it.
    """
    if find_spec(module) is None:
        raise StepFailed(f"{step} needs '{module}', which is not installed", f"pip install 'zenrepo[{EXTRAS[module]}]'")
