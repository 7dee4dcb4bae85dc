"""What all kinds of pipelines have in common: a name, a trigger, steps, and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from zenrepo.backends.base import OrchestratorBackend
from zenrepo.backends.fits import refuse_no_orchestrator
from zenrepo.durations import refuse_no_duration
from zenrepo.errors import NotARepository, UsageError
from zenrepo.flows.answers import results
from zenrepo.flows.execution.start import refuse_uncommitted, start
from zenrepo.flows.planning.capture import choose
from zenrepo.flows.planning.wishes import asked, plain_settings
from zenrepo.pipeline_files.limits import Duration
from zenrepo.pipeline_files.order import position
from zenrepo.pipeline_files.trigger import Trigger, refuse_trigger
from zenrepo.pipelines.entries import backend_entry, entry_of, insert, refuse_interface
from zenrepo.pipelines.filed import Filed
from zenrepo.runs.journal import Run
from zenrepo.steps.base import BaseStep

P = TypeVar("P", bound="Pipeline")


class Pipeline(Filed):
    """A pipeline: ordered steps under a name.

    One that has run cannot be changed: neither one that was read from its file, nor one that was registered or run.

    Args:
        name: the pipeline's name, which its file will have.

    Raises:
        UsageError: for a name that cannot be a file's.
    """

    def trigger(
        self: P,
        on: Sequence[str] = ("commit",),
        branches: Sequence[str] = (),
        paths: Sequence[str] = (),
        superseded: str | None = None,
        *,
        tags: Sequence[str] = (),
        schedule: str | None = None,
        timezone: str | None = None,
    ) -> P:
        """Say which commits run the pipeline, and when.

        Args:
            on: the events that run it.
            branches: globs of the branches whose commits do; every branch where it is empty.
            paths: globs of the files whose changes do; whatever affects the pipeline where it is empty.
            superseded: what becomes of older commits' runs: ``queue`` by default, ``latest`` or ``cancel-running``.
            tags: globs of the tags whose commits run it; every tag where it is empty.
            schedule: the times at which it runs, as the five fields of cron: ``"0 3 * * *"`` is every night at three.
            timezone: of the schedule, such as ``"Europe/Berlin"``; that of the machine by default.

        Returns:
            The pipeline.

        Raises:
            UsageError: for an event or a policy that is not known, a glob that can match no file of the repository, no
                schedule, an argument that none of the events looks at, a string where a list belongs, or if the
                pipeline has run.
        """
        self._refuse_ran()
        lists = {"on": on, "branches": branches, "paths": paths, "tags": tags}
        for name, value in lists.items():
            if isinstance(value, str):
                raise UsageError(f"'{name}' takes a list, not the string '{value}'", f"give {name}=['{value}']")
        globs = {name: list(value) for name, value in lists.items()}
        trigger = Trigger(**globs, schedule=schedule, timezone=timezone, superseded=superseded)
        refuse_trigger(trigger, lambda *_: nullcontext())
        self._trigger = trigger
        return self

    def with_backend(self: P, backend: OrchestratorBackend) -> P:
        """Say where the pipeline's runs are conducted.

        Args:
            backend: the local one where none is given.

        Returns:
            The pipeline.

        Raises:
            UsageError: for anything but an OrchestratorBackend, or if the pipeline has run.
        """
        self._refuse_ran()
        refuse_no_orchestrator(backend)
        self._backend = backend_entry(backend)
        return self

    def with_timeout(self: P, timeout: Duration) -> P:
        """Say how long a run of the pipeline may take.

        Args:
            timeout: ``"6 h"``, or seconds.

        Returns:
            The pipeline.

        Raises:
            UsageError: for what is no length of time, or if the pipeline has run.
        """
        self._refuse_ran()
        refuse_no_duration(timeout)
        self._timeout = timeout
        return self

    def run(  # noqa: PLR0913  (as many as the command has options)
        self,
        at: str | None = None,
        *,
        cache: bool = True,
        wait: bool = True,
        dirty: str | None = None,
        first: str | None = None,
        last: str | None = None,
        only: str | None = None,
        settings: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Run:
        """Run the pipeline, whose file has to say the same as it.

        Args:
            at: a commit, as ``git rev-parse`` takes it; by default the working tree, or ``HEAD`` where nothing is
                changed.
            cache: whether earlier results may be re-used, from ``first`` on.
            wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
                else a worker is started and the run returned as queued.
            dirty: with uncommitted changes: ``capture`` them, as by default, ``refuse`` to run, or ``ignore`` them.
            first: the step to begin with; what stands before is used again, or the run fails.
            last: the step to end with.
            only: both at once.
            settings: values that replace the pipeline's in this run, by key: ``steps.trainer.args.epochs``.
            name: by which to find the run again.

        Returns:
            The run; its ``state`` says how it ended, and its ``message`` why it failed.

        Raises:
            UsageError: if the pipeline's file is not there, or says something else; for a step or setting it lacks.
            DirtyTreeRefused: for uncommitted changes that are refused, or that cannot be captured.
        """
        layout = self._layout()
        chosen = choose(layout, at, dirty)
        refuse_uncommitted(layout, self.to_file(), chosen)
        options = asked(first, last, only, plain_settings(settings or {}), name)
        run = start(layout, self._name, chosen, options, cache=cache, wait=wait)
        self._home, self._registered = layout.root, True
        self._last = run if wait else None
        return run

    def _add(self: P, kind: str, step: BaseStep) -> P:
        self._refuse_ran()
        refuse_interface(kind, step)
        if kind in self._steps or kind in self._kinds.values():
            raise UsageError(f"pipeline '{self._name}' has a {kind} step already", "make another pipeline")
        place = position(self.order, self._kinds, kind)
        return self._insert(place, kind, step)

    def _refuse_ran(self) -> None:
        """Refuse to change what has run."""
        if not self._registered:
            return
        try:
            ran = results.runs(self._layout(), self._name, 1)
        except NotARepository:  # the file lies somewhere else, where nothing runs
            return
        if ran:
            raise UsageError(
                f"pipeline '{self._name}' has run already, last as run {ran[0].number}, and stays as it is",
                f"change a copy: copy('{self._name}-2')",
            )

    def _insert(self: P, place: int, name: str, step: BaseStep) -> P:
        self._steps = insert(self._steps, place, name, entry_of(step))
        self._kinds = insert(self._kinds, place, name, step.KIND)
        return self
