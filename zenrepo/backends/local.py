"""The backends that work on this machine."""

from __future__ import annotations

from collections.abc import Callable

from zenrepo.backends.base import OrchestratorBackend, ProcessingBackend, TrainingBackend, TrainingJob
from zenrepo.errors import StepArgumentError, did_you_mean
from zenrepo.recorded import Value

MODES = ("in_memory", "multi_threading", "multi_processing")


class LocalOrchestrator(OrchestratorBackend):
    """Conducts a run in a process of this machine."""

    def __init__(self) -> None:
        super().__init__()

    def orchestrate(self, plan: str, conduct: Callable[[], bool]) -> bool:
        """Execute the run here."""
        return conduct()


class LocalProcessing(ProcessingBackend):
    """Runs Beam on this machine.

    Args:
        mode: ``in_memory`` works in the step's own process; ``multi_threading`` in threads of it, for steps that wait
            more than they compute; ``multi_processing`` in processes, which cost seconds to start and are worth it
            for much data on many cores.
        workers: how many threads or processes; 0 for one a core.
    """

    def __init__(self, *, mode: str = "in_memory", workers: int = 0) -> None:
        super().__init__(mode=mode, workers=workers)
        name = type(self).__qualname__
        if mode not in MODES:
            raise StepArgumentError(
                name, f"mode {mode!r} is not known", did_you_mean(mode, MODES) or f"known are {', '.join(MODES)}"
            )
        if type(workers) is not int or workers < 0:
            raise StepArgumentError(name, f"workers is {workers!r}, not a whole number from 0")
        if mode == "in_memory" and workers > 1:
            raise StepArgumentError(name, f"{workers} workers cannot work in one process", "set mode too")
        self.mode = mode
        self.workers = workers

    def pipeline_options(self) -> dict[str, Value]:
        """Name Beam's own local runner: left to choose, Beam would download another."""
        return {
            "runner": "FnApiRunner",
            "direct_running_mode": self.mode,
            "direct_num_workers": 1 if self.mode == "in_memory" else self.workers,
        }


class LocalTraining(TrainingBackend):
    """Trains in the step's own process."""

    def __init__(self) -> None:
        super().__init__()

    def train(self, job: TrainingJob) -> None:
        """Train here."""
        job.run()
