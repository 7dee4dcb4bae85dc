"""The root of every step: keyword arguments only, and every argument recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from zenrepo.backends.base import Backend
from zenrepo.backends.fits import refuse_misfit
from zenrepo.recorded import PINNED, Recorded, Value, step_type_of
from zenrepo.steps import progress
from zenrepo.steps.limits import Limited

__all__ = ["PINNED", "BaseStep", "Step", "Value", "run_home", "run_inputs", "step_type_of"]

Step = TypeVar("Step", bound="BaseStep")


class BaseStep(Limited, Recorded):
    """One part of a pipeline, responsible for one kind of work on its data.

    A subclass takes keyword arguments. They are recorded as they are given, so that the step can be made again from
    its record; a subclass may hand them to ``super().__init__(**params)`` and need not.

    Args:
        params: every argument needed to make the step again. Numbers, strings, ``None``, dates, classes of modules,
            lists, and maps with string keys can be recorded.

    Raises:
        StepArgumentError: for a positional argument, or one that cannot be recorded.
    """

    KIND: ClassVar[str] = "custom"
    """Where the step stands in a pipeline; each interface sets its own."""

    facts: dict[str, Any]
    """What the step found out while it ran and wants shown beside it: numbers, strings, lists and maps of them."""

    backend: Backend | None = None
    """Where the step works; ``None`` for the local backend of its kind."""

    def __new__(cls: type[Step], *args: object, **kwargs: object) -> Step:
        """Record the arguments, before the class's own ``__init__`` does anything with them."""
        step = super().__new__(cls, *args, **kwargs)
        step.facts = {}
        return step

    def with_backend(self: Step, backend: Backend) -> Step:
        """Say where the step works.

        Args:
            backend: one that fits the step, see ``zenrepo.backends.fits``.

        Returns:
            The step.

        Raises:
            UsageError: for a backend that does not fit, naming those that do.
        """
        refuse_misfit(type(self).__qualname__, self.KIND, backend)
        self.backend = backend
        return self

    def input_path(self, path: str) -> str:
        """Find a file or folder that an argument names.

        A relative path is one of the run's inputs: in the tree of the run's commit, or, where git does not track it,
        in the repository's folder. Outside a run it is relative to the current folder.

        Args:
            path: as the argument has it. A path with a scheme (``gs://…``) is returned as it is.

        Returns:
            A path that can be opened.
        """
        return run_inputs.get(path, path)

    def output_path(self, path: str) -> str:
        """Find a place outside the artifact store that an argument names, such as where a model is deployed to.

        Args:
            path: as the argument has it. In a run a relative path is in the repository's folder, outside one in the
                current folder. A path with a scheme (``gs://…``) is returned as it is.

        Returns:
            A path that can be written.
        """
        return path if "://" in path else str(Path(run_home.get("repository", ""), path))

    def progress(self, done: float, total: float | None = None, unit: str = "rows") -> None:
        """Say how far the step is, for those who follow the run; outside a run nobody hears it.

        Call it as often as you like: it costs next to nothing, and is shown a few times a second at the most.

        Args:
            done: how much of the work is done.
            total: how much there is; ``None`` where that is not known.
            unit: what both count, in the plural.
        """
        progress.report_own(done, total, unit)


run_inputs: dict[str, str] = {}
"""The inputs of the run that this process performs a step of, by the path that an argument gives; empty elsewhere."""

run_home: dict[str, str] = {}
"""``repository``: the folder of the run's repository, in a process that performs a step; empty elsewhere."""
