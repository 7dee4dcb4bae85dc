"""Training runs side by side."""

from __future__ import annotations

from zenrepo.flows.answers.compare import TrainingRun, differing
from zenrepo.pipelines.aligned import aligned
from zenrepo.runs.journal import COMPLETE


class Comparison(list[TrainingRun]):
    """Training runs. They print as a table of what differs and what was measured."""

    def __str__(self) -> str:
        columns = {
            "run": [run.number for run in self],
            "pipeline": [run.pipeline for run in self],
            "commit": [run.commit[:7] + ("+" if run.captured else "") for run in self],
            **self._sometimes("name", [run.name for run in self]),
            **self._sometimes("state", ["" if run.state == COMPLETE else run.state for run in self]),
            **differing(self),
        }
        metrics = dict.fromkeys(name for run in self for name in run.metrics)
        measured = [[run.metrics.get(name) for name in metrics] for run in self]
        rows = [(*row, *values) for row, values in zip(zip(*columns.values(), strict=True), measured, strict=True)]
        return aligned((*columns, *metrics), rows)

    __repr__ = __str__

    @staticmethod
    def _sometimes(name: str, values: list[str]) -> dict[str, list[str]]:
        return {name: values} if any(values) else {}
