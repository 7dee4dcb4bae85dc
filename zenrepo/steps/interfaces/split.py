"""The interface of steps that divide examples among splits."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import numpy as np
    import pyarrow as pa


class SplitStep(BaseStep):
    """Divides the examples among named splits."""

    KIND: ClassVar[str] = "split"

    @abstractmethod
    def get_split_names(self) -> list[str]:
        """Name the splits, ``train`` and ``eval`` among them where a trainer follows."""
        raise NotImplementedError

    @abstractmethod
    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Say which split each example belongs to.

        Args:
            examples: a batch of n examples, each column a list array, as ``tfx_bsl`` decodes ``tf.Example``.

        Returns:
            n integers, each an index into the split names.
        """
        raise NotImplementedError
