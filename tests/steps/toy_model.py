"""A model that is made in a moment, and examples for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def write_examples(file: Path, columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """Write columns as gzipped TFRecords of ``tf.Example``; ``None`` is a missing value, a list several of them."""
    import tensorflow as tf

    file.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(file), "GZIP") as writer:
        for row in zip(*columns.values(), strict=True):
            features = {name: _feature(value) for name, value in zip(columns, row, strict=True) if value is not None}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    return [str(file)]


def _feature(value: Any) -> Any:
    import tensorflow as tf

    values = value if isinstance(value, list) else [value]
    if isinstance(values[0], str):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[v.encode() for v in values]))
    if isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def save_model(folder: Path, weight: float, *, classes: int = 0) -> str:
    """Save a model of one feature ``x``: the probability sigmoid(weight * x), or one for each of several classes."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: Any) -> dict[str, Any]:
        x = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([1], tf.float32)})["x"]
        if classes:
            return {"predictions": tf.nn.softmax(-weight * tf.abs(x - tf.range(float(classes))))}
        return {"predictions": tf.sigmoid(weight * x)}

    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return str(folder)
