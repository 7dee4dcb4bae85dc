"""BatchInferrer: predictions of a trained model, beside what shall be kept of the examples.

What it runs on is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import positive_whole, texts
from zenrepo.steps.interfaces.inferrer import InferrerStep

if TYPE_CHECKING:  # the annotations alone need them, and they cost seconds to import
    import numpy as np
    import pyarrow as pa

ALL = "all"


class BatchInferrer(InferrerStep):
    """Has a trained model predict, of any framework that zenrepo trains with.

    Each output of the model becomes a feature of its name; a SavedModel is asked through its signature
    ``serving_default``. The examples need no label.

    Args:
        model: the model, where no trainer stands before, see ``InferrerStep``.
        keep: the features that are written beside the predictions, or ``all`` of them; none by default.
        batch_size: how many examples the model is given at a time, at the most.
    """

    def __init__(
        self, *, model: str | None = None, keep: list[str] | str | None = None, batch_size: int = 1024
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        if isinstance(keep, str) and keep != ALL:
            raise StepArgumentError(name, f"keep is {keep!r}", f"give a list of features, or '{ALL}'")
        texts(name, "keep", keep if isinstance(keep, list) else [])
        positive_whole(name, "batch_size", batch_size)
        self.model, self.keep, self.batch_size = model, keep or [], batch_size

    def load(self, model: str) -> Callable[[np.ndarray[Any, Any]], pa.RecordBatch]:
        """Load the model.

        Raises:
            StepFailed: if it is of no framework that is known. The function that is returned raises it for a feature to
                keep that is not there, and for one that has the name of an output.
        """
        from zenrepo.steps.inferrer.columns import beside
        from zenrepo.steps.inferrer.loading import load

        predict = load(model)
        return lambda serialized: beside(predict(serialized), serialized, self.keep)
