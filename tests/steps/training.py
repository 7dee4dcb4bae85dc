"""Runs a trainer on rows, as TFX's Trainer does, with the preprocess step before it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.steps.transforming import transform
from zenrepo.steps import PreprocessStep

Columns = dict[str, list[list[Any]]]


def prepare(step: PreprocessStep, train: Columns, evaluation: Columns, folder: Path) -> Any:
    """Preprocess rows and write them as examples.

    Args:
        step: the preprocess step.
        train: by feature, the values of each row to train on.
        evaluation: the same to evaluate on.
        folder: an empty one.

    Returns:
        What ``arguments`` makes TFX's arguments of.
    """
    import tensorflow as tf

    _, graph = transform(step, train, folder)
    for split, rows in (("train", train), ("eval", evaluation)):
        write(rows, folder / "raw" / split)
        layer = graph.transform_features_layer()
        parsed = tf.io.parse_example(serialize(rows), graph.raw_feature_spec())
        found = {name: values.numpy().reshape(len(values), -1).tolist() for name, values in layer(parsed).items()}
        write(found, folder / "transformed" / split)
    return folder


def arguments(prepared: Path, folder: Path) -> Any:
    """Make TFX's arguments of a trainer that has folders of its own."""
    for name in ("results", "run"):
        (folder / name).mkdir(parents=True)
    return SimpleNamespace(
        train_files=[str(prepared / "transformed" / "train" / "*.gz")],
        eval_files=[str(prepared / "transformed" / "eval" / "*.gz")],
        transform_output=str(prepared / "graph"),
        schema_path=None,
        serving_model_dir=str(folder / "model"),
        model_run_dir=str(folder / "run"),
        custom_config={
            "test_results": str(folder / "results"),
            "checkpoints": str(folder / "checkpoints"),
            "tested": {
                "eval": {
                    "transformed": [str(prepared / "transformed" / "eval" / "*.gz")],
                    "raw": [str(prepared / "raw" / "eval" / "*.gz")],
                }
            },
        },
    )


def serialize(columns: Columns) -> list[bytes]:
    """Serialize rows as examples."""
    import tensorflow as tf

    examples = [tf.train.Example() for _ in next(iter(columns.values()))]
    for name, rows in columns.items():
        for example, values in zip(examples, rows, strict=True):
            feature = example.features.feature[name]
            if not values:
                continue
            kind = type(values[0])
            if kind is float:
                feature.float_list.value.extend(values)
            elif kind is int:
                feature.int64_list.value.extend(values)
            else:
                feature.bytes_list.value.extend(v if isinstance(v, bytes) else v.encode() for v in values)
    return [example.SerializeToString() for example in examples]


def write(columns: Columns, folder: Path) -> None:
    """Write rows as a file of examples."""
    import tensorflow as tf

    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "data-00000-of-00001.gz"), "GZIP") as writer:
        for example in serialize(columns):
            writer.write(example)


def read(folder: Path) -> list[Any]:
    """Read the test results of a split."""
    import tensorflow as tf

    files = [str(file) for file in sorted(folder.iterdir())]
    return [tf.train.Example.FromString(r.numpy()) for r in tf.data.TFRecordDataset(files, "GZIP")]
