"""Training runs side by side."""

from __future__ import annotations

from zenrepo.flows.compare import TrainingRun, differing
from zenrepo.pipelines.aligned import aligned


class Comparison(list[TrainingRun]):
    """Training runs, newest first. They print as a table of what differs and what was measured."""

    def __str__(self) -> str:
        names = list(dict.fromkeys(name for run in self for name in run.metrics))
        different = differing(self)
        rows = [
            (
                run.number,
                run.pipeline,
                run.commit[:7],
                *(values[row] for values in different.values()),
                *(run.metrics.get(name) for name in names),
            )
            for row, run in enumerate(self)
        ]
        return aligned(("run", "pipeline", "commit", *different, *names), rows)

    __repr__ = __str__
