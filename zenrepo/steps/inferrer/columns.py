"""The columns of predictions.

This module imports NumPy and Arrow; only methods of steps that run, and the runner, import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import known_feature
from zenrepo.steps.interfaces.evaluator import decode


def beside(outputs: Mapping[str, Any], serialized: Any, keep: list[str] | str) -> pa.RecordBatch:
    """Put a model's outputs beside features of its examples.

    Args:
        outputs: arrays of shape (n, …) by name.
        serialized: the n serialized ``tf.Example``.
        keep: the features, or ``all``.

    Returns:
        n rows.

    Raises:
        StepFailed: for a feature that no example has, and for one that has the name of an output.
    """
    predicted = table(outputs)
    if not keep:
        return predicted
    examples = decode(serialized)
    names = list(examples.schema.names) if isinstance(keep, str) else keep
    for name in names:
        known_feature("feature", name, examples.schema.names)
        if name in outputs:
            raise StepFailed(
                f"the feature '{name}', which is to be kept, has the name of an output of the model",
                f"keep other features: the model gives {', '.join(outputs)}",
            )
    kept = [examples.column(examples.schema.names.index(name)) for name in names]
    return pa.RecordBatch.from_arrays([*kept, *predicted.columns], [*names, *predicted.schema.names])


def table(columns: Mapping[str, Any]) -> pa.RecordBatch:
    """Make a batch of arrays of shape (n, …); what a row has beyond one dimension is flattened.

    Raises:
        StepFailed: for no arrays, and for arrays of different lengths.
    """
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    lengths = {name: len(values) if values.ndim else -1 for name, values in arrays.items()}
    if len(set(lengths.values())) != 1 or -1 in lengths.values():
        raise StepFailed(
            f"the model's outputs have different numbers of rows: {lengths}", "give each of shape (examples, …)"
        )
    return pa.RecordBatch.from_arrays([_column(values) for values in arrays.values()], list(arrays))


def _column(values: Any) -> pa.Array:
    if values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1):
        return pa.array(values.ravel())
    width = int(np.prod(values.shape[1:], dtype=int))
    offsets = pa.array(np.arange(len(values) + 1, dtype=np.int32) * width)
    return pa.ListArray.from_arrays(offsets, pa.array(values.ravel()))
