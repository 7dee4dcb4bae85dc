"""What a repository is asked about runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.flows import deployments, results, resume
from zenrepo.flows.capture import choose
from zenrepo.flows.compare import training_runs
from zenrepo.flows.start import start
from zenrepo.layout import Layout
from zenrepo.pipelines.comparison import Comparison
from zenrepo.runs.journal import Run

if TYPE_CHECKING:  # it is in ML Metadata's room, which the light half works without
    from zenrepo.metadata.models import Deployment


class RunLookups:
    """Runs pipelines, and looks their runs up."""

    layout: Layout

    def run(
        self, pipeline: str, *, at: str | None = None, cache: bool = True, wait: bool = True, dirty: str | None = None
    ) -> Run:
        """Run a pipeline at a commit, or with all that is uncommitted.

        Args:
            pipeline: its name.
            at: a commit, as ``git rev-parse`` takes it; by default the working tree, or ``HEAD`` where nothing is
                changed.
            cache: whether earlier results may be re-used.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.
            dirty: with uncommitted changes: ``capture`` them, as by default, ``refuse`` to run, or ``ignore`` them.

        Returns:
            The run.

        Raises:
            UnknownName: if there is no such pipeline in what runs.
            DirtyTreeRefused: for uncommitted changes that are refused, or that cannot be captured.
        """
        return start(self.layout, pipeline, choose(self.layout, at, dirty), cache=cache, wait=wait)

    def runs(self, pipeline: str | None = None) -> list[Run]:
        """Give the runs of this clone, newest first.

        Args:
            pipeline: only those of one pipeline.
        """
        return results.runs(self.layout, pipeline)

    def cancel(self, run: int) -> Run:
        """Take a run out of the queue, or have the worker that executes it stop it, as ``zenrepo runs cancel`` does.

        Args:
            run: its number.

        Returns:
            The run, which is canceled; where it is running, it will be in a moment.

        Raises:
            UnknownName: if there is none of that number.
            UsageError: if it has ended.
        """
        return resume.cancel(self.layout, run)

    def cancel_all(self, pipeline: str | None = None, *, waiting: bool = False) -> list[Run]:
        """Cancel all runs that have not ended, as ``zenrepo runs cancel --all`` does.

        Args:
            pipeline: only those of one pipeline.
            waiting: whether to leave those alone that are running.

        Returns:
            The runs, the oldest first; empty where there was nothing to cancel.
        """
        return resume.cancel_all(self.layout, pipeline, waiting=waiting)

    def resume(self, run: int) -> Run:
        """Go on with a run that was interrupted or canceled, or that failed, as ``zenrepo runs resume`` does.

        Args:
            run: its number.

        Returns:
            A new run, queued at the same commit, which uses again what steps have completed.

        Raises:
            UnknownName: if there is none of that number.
            UsageError: if it is complete, has not ended, or its commit is gone.
        """
        return resume.resume(self.layout, run)

    def deployments(self, destination: str | None = None) -> list[Deployment]:
        """Give the deployed models, the newest first; the newest of a place is the one that serves there.

        Args:
            destination: only what was deployed there, or below; relative to the repository, or whole.

        Raises:
            UnknownName: if nothing was ever deployed there.
        """
        return deployments.deployments(self.layout, destination)

    def rollback(self, destination: str, to: int | None = None) -> Deployment:
        """Put an earlier model back where a newer one serves, as ``zenrepo rollback`` does.

        Args:
            destination: where it serves.
            to: the version to put back; by default the one that served before.

        Returns:
            The deployment that serves now.

        Raises:
            UsageError: if there is no such version.
        """
        return deployments.rollback(self.layout, destination, to)

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
