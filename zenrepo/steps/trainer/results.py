"""Test results: what a trained model says of every example of the splits that it was not trained on.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader
from tfx_bsl.coders import example_coder

from zenrepo.errors import StepFailed
from zenrepo.steps import progress
from zenrepo.steps.interfaces.trainer import TEST_RESULTS, TESTED
from zenrepo.steps.trainer.features import BATCH, Features
from zenrepo.steps.trainer.problem import BINARY, MULTI_CLASS, Problem

if TYPE_CHECKING:  # the annotations alone need it
    from tfx.components.trainer.fn_args_utils import FnArgs

PREDICTION, SCORES = "prediction", "scores"
GZIP = tf.io.TFRecordOptions(compression_type="GZIP", compression_level=1)

Predict = Callable[[dict[str, tf.Tensor]], Any]
"""Takes a model's inputs, gives an array of shape (batch, ``problem.outputs``)."""


class Tests:
    """The splits to test a model on.

    Args:
        fn_args: TFX's.
        features: what the model is fed with.
        problem: what it predicts.
        graph: the transform.
        predict: the model.
    """

    __test__ = False  # pytest takes a class of this name for one of tests

    features: Features
    """What the model is fed with."""

    problem: Problem
    """What it predicts."""

    graph: tft.TFTransformOutput
    """The transform."""

    def __init__(
        self, fn_args: FnArgs, features: Features, problem: Problem, graph: tft.TFTransformOutput, predict: Predict
    ) -> None:
        config = fn_args.custom_config or {}
        self._folder = config.get(TEST_RESULTS, "")
        self._splits: dict[str, dict[str, list[str]]] = config.get(TESTED) or {
            "eval": {"transformed": fn_args.eval_files}
        }
        self.features, self.problem, self.graph = features, problem, graph
        self._predict = predict
        self._transformed = fn_args.eval_files
        self.graph_folder = fn_args.transform_output

    @property
    def splits(self) -> list[str]:
        """The names of the splits to test on."""
        return list(self._splits)

    def inputs(self) -> Iterator[dict[str, tf.Tensor]]:
        """Give a model's inputs of the evaluation data, batch by batch."""
        for inputs, _ in self.features.batches(self.features.dataset(self._transformed), BATCH):
            yield inputs

    def check(self) -> None:
        """Refuse a model that gives something else than numbers, or as many as there should be.

        Raises:
            StepFailed: saying what it gives, and the cure.
        """
        for split in self.splits:
            for _ in self.answers(split):
                break

    def answers(self, split: str) -> Iterator[tuple[Any, Any, pa.RecordBatch]]:
        """Ask the model.

        Args:
            split: the name of a split.

        Yields:
            For a batch of n examples: labels of shape (n,), what the model gives, of shape (n, outputs), and the
            examples; as they were before preprocessing, where these are known.

        Raises:
            StepFailed: if the model gives something else than numbers, or as many as there should be.
        """
        files = self._splits[split]
        decode = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch
        for serialized in self.features.dataset(files.get("raw") or files["transformed"]).batch(BATCH):
            transformed = self._transform(serialized, raw="raw" in files)
            given = np.asarray(self._predict(self.features.assemble(transformed)), np.float32)
            labels = transformed[self.features.label].numpy().reshape(-1)
            self._check(given, len(labels), split)
            progress.advance(len(labels), None, "rows tested")
            yield labels, given.reshape(len(labels), -1), decode(serialized.numpy())

    def write(self) -> None:
        """Write for each example its features, the label, ``prediction`` and, of a classification, ``scores``.

        Raises:
            StepFailed: as ``answers`` does.
        """
        for split in self.splits:
            self._write(split)

    def _write(self, split: str) -> None:
        if not self._folder:
            for _ in self.answers(split):
                pass
            return
        folder = Path(self._folder, f"Split-{split}")
        folder.mkdir(parents=True, exist_ok=True)
        encoder = example_coder.RecordBatchToExamplesEncoder()
        with tf.io.TFRecordWriter(str(folder / "results-00000-of-00001.gz"), GZIP) as writer:
            for labels, given, examples in self.answers(split):
                for example in encoder.encode(self._with_answers(labels, given, examples)):
                    writer.write(example)

    def _with_answers(self, labels: Any, given: Any, examples: pa.RecordBatch) -> pa.RecordBatch:
        columns = dict(zip(examples.schema.names, examples.columns, strict=True))
        columns[self.features.label] = _listed(labels)
        columns[PREDICTION] = _listed(self._predictions(given))
        if self.problem.classes:
            columns[SCORES] = _listed(given)
        known = {name: column for name, column in columns.items() if not pa.types.is_null(column.type)}
        return pa.RecordBatch.from_arrays(list(known.values()), list(known))

    def _predictions(self, given: Any) -> Any:
        """The index of the class that is most probable, or the value."""
        if self.problem.kind == MULTI_CLASS:
            return given.argmax(axis=1)
        return (given[:, 0] > 0.5).astype(np.int64) if self.problem.kind == BINARY else given[:, 0]

    def _transform(self, serialized: tf.Tensor, *, raw: bool) -> dict[str, tf.Tensor]:
        if not raw:
            parsed: dict[str, tf.Tensor] = tf.io.parse_example(serialized, self.features.spec)
            return parsed
        loader = SavedModelLoader(self.graph.transform_savedmodel_dir)
        transformed: dict[str, tf.Tensor] = loader.apply_transform_model(
            tf.io.parse_example(serialized, self.graph.raw_feature_spec())
        )
        return transformed

    def _check(self, given: Any, count: int, split: str) -> None:
        width = self.problem.outputs
        if given.shape not in ((count, width), (count,) if width == 1 else ()):
            raise StepFailed(
                f"the model gives an array of shape {given.shape} for {count} examples",
                f"let it give {width} number{'s' * (width > 1)} for each",
            )
        wrong = ~np.isfinite(given.reshape(count, -1)).all(axis=1)
        if wrong.any():
            raise StepFailed(
                f"the model gives no number for {wrong.sum()} of {count} examples of the split '{split}'",
                "lower 'learning_rate', and let the preprocess step scale every number",
            )


def _listed(values: Any) -> pa.Array:
    """Make a column of the values of each row, one or several."""
    width = values.shape[1] if values.ndim == 2 else 1
    kind = pa.int64() if values.dtype.kind in "iub" else pa.float32()
    offsets = np.arange(0, values.size + 1, width, dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(values.ravel()).cast(kind))
