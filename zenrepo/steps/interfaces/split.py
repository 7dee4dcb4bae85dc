"""The interface of steps that divide examples among splits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.base import BaseStep
from zenrepo.steps.interfaces.counting import count

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa


class SplitStep(BaseStep):
    """Divides the examples among named splits."""

    KIND: ClassVar[str] = "split"

    analysis: Any = None
    """What ``analyze`` found out, there when ``partition_fn`` is called."""

    @abstractmethod
    def get_split_names(self) -> list[str]:
        """Name the splits, ``train`` and ``eval`` among them where a trainer follows."""
        raise NotImplementedError

    @abstractmethod
    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Say which split each example belongs to.

        Args:
            examples: a batch of n examples, each column a list array, as ``tfx_bsl`` decodes ``tf.Example``. A column
                that no example of the batch has a value in may not be there.

        Returns:
            n integers, each an index into the split names, or -1 for an example to be left out.
        """
        raise NotImplementedError

    def get_columns(self) -> list[str]:
        """Name the columns that the step goes by: one that no example has a value in fails before all else."""
        return []

    def analyze(self) -> Generator[beam.PTransform, Any, Any] | None:
        """Look at all examples before they are divided; a step that need not returns ``None``.

        A generator: each transform that it yields is applied to all examples, a collection of ``pyarrow.RecordBatch``
        as ``partition_fn`` takes them, and must make exactly one element, which ``yield`` gives back. Each is a pass
        over the data. What the generator returns is ``self.analysis`` from then on.
        """
        return None

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split that no example belongs to.

        Args:
            split: its name.
        """
        del split
        return "give the split a larger share, or bring in more data"

    def count(self, what: str, number: int = 1) -> None:
        """Count something that the run's report shall show; ``partition_fn`` may call it, wherever it runs.

        Args:
            what: the name of the figure.
            number: is added to it.
        """
        count(what, number)
