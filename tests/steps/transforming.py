"""Runs a preprocess step on rows, as TFX's Transform does, and reads what it made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zenrepo.steps import PreprocessStep


def transform(step: PreprocessStep, columns: dict[str, list[Any]], folder: Path) -> tuple[dict[str, Any], Any]:
    """Analyze and transform rows.

    Args:
        step: the step.
        columns: by feature, a list of values of each row; an empty list is a missing value.
        folder: an empty one, for the graph.

    Returns:
        By output, an array of shape (rows, …); and the transform graph.
    """
    import apache_beam as beam
    import numpy as np
    import tensorflow_transform as tft
    import tensorflow_transform.beam as tft_beam
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner
    from tensorflow_transform.tf_metadata import metadata_io

    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    metadata = tft.DatasetMetadata.from_feature_spec({n: spec(values) for n, values in columns.items()})
    graph = str(folder / "graph")
    with beam.Pipeline(runner=FnApiRunner()) as pipeline, tft_beam.Context(temp_dir=str(folder / "temporary")):
        data = (pipeline | beam.Create(rows, reshuffle=False), metadata)
        function = data | tft_beam.AnalyzeDataset(step.preprocessing_fn)
        function | tft_beam.WriteTransformFn(graph)
    metadata_io.write_metadata(metadata, str(folder / "graph" / tft.TFTransformOutput.RAW_METADATA_DIR))
    loaded = tft.TFTransformOutput(graph)
    tensors = {n: tensor(values) for n, values in columns.items()}
    found = loaded.transform_features_layer()(tensors)
    return {name: np.asarray(values) for name, values in found.items()}, loaded


def spec(values: list[list[Any]]) -> Any:
    """Say how a feature is parsed: dense where every row has as many values, else sparse."""
    import tensorflow as tf

    first = next(value for several in values for value in several)
    kind = {int: tf.int64, float: tf.float32}.get(type(first), tf.string)
    lengths = {len(several) for several in values}
    return tf.io.FixedLenFeature([lengths.pop()], kind) if len(lengths) == 1 else tf.io.VarLenFeature(kind)


def tensor(values: list[list[Any]]) -> Any:
    """Make the tensor that parsing would have made."""
    import tensorflow as tf

    kind = spec(values)
    if isinstance(kind, tf.io.FixedLenFeature):
        return tf.constant(values, kind.dtype)
    return tf.ragged.constant(values, kind.dtype).to_sparse()


def trace(step: PreprocessStep, columns: dict[str, list[Any]]) -> None:
    """Build the graph of a step without any data, which is enough for it to refuse a feature."""
    import tensorflow as tf
    import tensorflow_transform as tft

    specs: dict[str, Any] = {}
    for name, values in columns.items():
        kind = spec(values)
        sparse = isinstance(kind, tf.io.VarLenFeature)
        shape = [None, None] if sparse else [None, *kind.shape]
        specs[name] = (tf.SparseTensorSpec if sparse else tf.TensorSpec)(shape, kind.dtype)
    tft.get_transform_input_columns(step.preprocessing_fn, specs)
