"""Which step fits which backend."""

from __future__ import annotations

from typing import Final

from zenrepo.backends.base import Backend
from zenrepo.errors import UsageError

FITS: Final = {
    "data": "processing",
    "split": "processing",
    "sequencer": "processing",
    "preprocess": "processing",
    "trainer": "training",
    "evaluator": "processing",
    "inferrer": "processing",
}
"""The kind of backend that a step of a kind can work on; one that is not here works where its run is conducted."""

INTERFACES: Final = {
    "orchestrator": "OrchestratorBackend",
    "processing": "ProcessingBackend",
    "training": "TrainingBackend",
}
LOCAL: Final = {"orchestrator": "LocalOrchestrator", "processing": "LocalProcessing", "training": "LocalTraining"}
"""The backend of each kind that works on this machine."""


def refuse_misfit(step: str, kind: str, backend: object) -> None:
    """Refuse what is no backend that a step fits.

    Args:
        step: the step, as the user knows it.
        kind: its kind.
        backend: what was given.

    Raises:
        UsageError: naming step, backend and what would fit.
    """
    made = _instance(backend, what_fits(kind))
    refuse_misfit_kinds(step, kind, made.step_type(), made.KIND)


def refuse_no_orchestrator(backend: object) -> None:
    """Refuse what cannot conduct the runs of a pipeline, as `refuse_misfit` does."""
    made = _instance(backend, what_conducts())
    refuse_no_orchestrator_kind(made.step_type(), made.KIND)


def refuse_no_orchestrator_kind(backend: str, kind: str) -> None:
    """Refuse a backend of a kind that cannot conduct runs, as `refuse_misfit` does.

    Args:
        backend: its type.
        kind: its kind.
    """
    if kind != "orchestrator":
        what = f"a {kind} {'backend' if kind in INTERFACES else 'step'}"
        raise UsageError(f"a pipeline cannot be conducted by '{backend}', which is {what}", what_conducts())


def refuse_misfit_kinds(step: str, kind: str, backend: str, backend_kind: str) -> None:
    """Refuse a backend of a kind that a step does not fit, as `refuse_misfit` does.

    Args:
        step: the step, as the user knows it.
        kind: its kind.
        backend: the backend's type.
        backend_kind: its kind.
    """
    if FITS.get(kind) == backend_kind:
        return
    what = f"a {backend_kind} backend" if backend_kind in INTERFACES else "no backend"
    raise UsageError(f"{kind} step '{step}' cannot work on '{backend}', which is {what}", what_fits(kind))


def what_conducts() -> str:
    """Say which backend can conduct the runs of a pipeline."""
    return f"zenrepo.backends.{LOCAL['orchestrator']} can, or one that extends {INTERFACES['orchestrator']}"


def what_fits(kind: str) -> str:
    """Say which backend a step of a kind can work on."""
    fit = FITS.get(kind)
    if fit is None:
        return f"a {kind} step works where its run is conducted: give it no backend"
    return f"a {kind} step fits a {fit} backend: zenrepo.backends.{LOCAL[fit]}, or one that extends {INTERFACES[fit]}"


def _instance(backend: object, hint: str) -> Backend:
    if isinstance(backend, type):
        raise UsageError(
            f"with_backend takes an instance of a backend, but got the class '{backend.__qualname__}'",
            f"make it: {backend.__qualname__}(…)",
        )
    if not isinstance(backend, Backend):
        raise UsageError(f"with_backend takes an instance of a backend, but got {backend!r}", hint)
    return backend
