"""Training runs side by side."""

from __future__ import annotations

from zenrepo.flows.compare import TrainingRun, differing
from zenrepo.pipelines.aligned import aligned
from zenrepo.runs.journal import COMPLETE


class Comparison(list[TrainingRun]):
    """Training runs. They print as a table of what differs and what was measured."""

    def __str__(self) -> str:
        names = list(dict.fromkeys(name for run in self for name in run.metrics))
        different = differing(self)
        rows = [
            (
                run.number,
                run.pipeline,
                run.commit[:7],
                run.name,
                "" if run.state == COMPLETE else run.state,
                *(values[row] for values in different.values()),
                *(run.metrics.get(name) for name in names),
            )
            for row, run in enumerate(self)
        ]
        return aligned(("run", "pipeline", "commit", "name", "state", *different, *names), rows)

    __repr__ = __str__
