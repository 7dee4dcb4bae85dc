"""Backends: where work happens. Those that work on this machine ship; others extend the three interfaces."""

from zenrepo.backends.base import Backend, OrchestratorBackend, ProcessingBackend, TrainingBackend, TrainingJob
from zenrepo.backends.local import LocalOrchestrator, LocalProcessing, LocalTraining

__all__ = [
    "Backend",
    "LocalOrchestrator",
    "LocalProcessing",
    "LocalTraining",
    "OrchestratorBackend",
    "ProcessingBackend",
    "TrainingBackend",
    "TrainingJob",
]
