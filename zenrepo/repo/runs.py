"""What a repository is asked about runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zenrepo.flows.answers import deployments, results
from zenrepo.flows.answers.compare import by_metric, training_runs
from zenrepo.flows.execution import resume
from zenrepo.flows.execution.start import start, start_all
from zenrepo.flows.planning.capture import choose
from zenrepo.flows.planning.wishes import LARGEST, asked, plain_grid, plain_settings, wishes
from zenrepo.layout import Layout
from zenrepo.pipelines.comparison import Comparison
from zenrepo.runs.journal import Run

if TYPE_CHECKING:  # it is in ML Metadata's room, which the light half works without
    from zenrepo.metadata.models import Deployment


class RunLookups:
    """Runs pipelines, and looks their runs up."""

    layout: Layout

    def run(  # noqa: PLR0913  (as many as the command has options)
        self,
        pipeline: str,
        *,
        at: str | None = None,
        cache: bool = True,
        wait: bool = True,
        dirty: str | None = None,
        first: str | None = None,
        last: str | None = None,
        only: str | None = None,
        settings: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Run:
        """Run a pipeline at a commit, or with all that is uncommitted.

        Args:
            pipeline: its name.
            at: a commit, as ``git rev-parse`` takes it; by default the working tree, or ``HEAD`` where nothing is
                changed.
            cache: whether earlier results may be re-used, from ``first`` on.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.
            dirty: with uncommitted changes: ``capture`` them, as by default, ``refuse`` to run, or ``ignore`` them.
            first: the step to begin with; what stands before is used again, or the run fails.
            last: the step to end with.
            only: both at once.
            settings: values that replace those of the pipeline file, by key: ``steps.trainer.args.epochs``.
            name: by which to find the run again.

        Returns:
            The run.

        Raises:
            UnknownName: if there is no such pipeline in what runs, or no such step in it.
            UsageError: for a setting that the pipeline does not take.
            DirtyTreeRefused: for uncommitted changes that are refused, or that cannot be captured.
        """
        options = asked(first, last, only, plain_settings(settings or {}), name)
        return start(self.layout, pipeline, choose(self.layout, at, dirty), options, cache=cache, wait=wait)

    def run_grid(  # noqa: PLR0913  (likewise)
        self,
        pipeline: str,
        grid: Mapping[str, Sequence[Any]],
        *,
        at: str | None = None,
        cache: bool = True,
        wait: bool = True,
        dirty: str | None = None,
        first: str | None = None,
        last: str | None = None,
        settings: Mapping[str, Any] | None = None,
        name: str | None = None,
        largest: int = LARGEST,
    ) -> list[Run]:
        """Run a pipeline once for each combination of some settings, as ``zenrepo run --grid`` does.

        Args:
            pipeline: its name.
            grid: the values of each setting, by key: ``{"steps.trainer.args.epochs": [5, 10]}``.
            at: see `run`, as for the others.
            cache: see `run`.
            wait: see `run`.
            dirty: see `run`.
            first: see `run`.
            last: see `run`.
            settings: what is the same in all runs.
            name: stands in front of the name of each run, ``epochs=5``.
            largest: how many runs there may be.

        Returns:
            The runs, the last setting's values the fastest; `compare_training_runs` puts them side by side.

        Raises:
            UsageError: as `run` does, and for a grid that is larger.
        """
        base = asked(first, last, None, plain_settings(settings or {}), name)
        wanted = wishes(base, plain_grid(grid), largest=largest)
        return start_all(self.layout, pipeline, choose(self.layout, at, dirty), wanted, cache=cache, wait=wait)

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

    def compare_training_runs(
        self, pipeline: str | None = None, *, name: str | None = None, sort: str | None = None, ascending: bool = False
    ) -> Comparison:
        """Put the complete training runs of this clone side by side.

        Args:
            pipeline: only those of one pipeline.
            name: only those whose name matches this glob, such as ``epochs=*``.
            sort: the metric to sort by, the largest first.
            ascending: whether the smallest stands first.

        Returns:
            The runs, newest first unless they are sorted. It prints as a table: run, pipeline, commit, name, the
            hyperparameters that are not the same in all of them, and the metrics.

        Raises:
            UnknownName: for a metric that no run has.
        """
        found = training_runs(self.layout, pipeline, name)
        return Comparison(by_metric(found, sort, ascending=ascending) if sort else found)
