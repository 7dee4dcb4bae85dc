"""What a repository is asked about runs."""

from __future__ import annotations

from typing import Any

from zenrepo.flows import results
from zenrepo.flows.compare import training_runs
from zenrepo.flows.start import start
from zenrepo.layout import Layout
from zenrepo.pipelines.comparison import Comparison
from zenrepo.runs.journal import Run


class RunLookups:
    """Runs pipelines, and looks their runs up."""

    layout: Layout

    def run(self, pipeline: str, *, at: str = "HEAD", cache: bool = True, wait: bool = True) -> Run:
        """Run a pipeline at a commit.

        Args:
            pipeline: its name.
            at: the commit, as ``git rev-parse`` takes it.
            cache: whether earlier results may be re-used.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.

        Returns:
            The run.

        Raises:
            UnknownName: if the commit holds no such pipeline.
        """
        return start(self.layout, pipeline, at=at, cache=cache, wait=wait)

    def runs(self, pipeline: str | None = None) -> list[Run]:
        """Give the runs of this clone, newest first.

        Args:
            pipeline: only those of one pipeline.
        """
        return results.runs(self.layout, pipeline)

    def get_hyperparameters(self, pipeline: str | None = None) -> dict[str, dict[int, Any]]:
        """Give the hyperparameters of all complete training runs of this clone.

        Args:
            pipeline: only of the runs of one pipeline.

        Returns:
            By hyperparameter, such as ``trainer.learning_rate``, its value by run. The name of a step alone stands for
            its version.
        """
        found: dict[str, dict[int, Any]] = {}
        for run in training_runs(self.layout, pipeline):
            for name, value in run.hyperparameters.items():
                found.setdefault(name, {})[run.number] = value
        return found

    def compare_training_runs(self, pipeline: str | None = None) -> Comparison:
        """Put the complete training runs of this clone side by side.

        Args:
            pipeline: only those of one pipeline.

        Returns:
            The runs, newest first. It prints as a table: run, pipeline, commit, the hyperparameters that are not the
            same in all of them, and the metrics.
        """
        return Comparison(training_runs(self.layout, pipeline))
