"""The interface of steps that say how good a model is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from zenrepo.steps import progress
from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa

BATCH = 8192


@dataclass
class Evaluation:
    """What an evaluator is given: a model, and the data to measure it on.

    Args:
        model: the folder of the model that is measured.
        split: the split to measure it on.
        examples: by split, the files of the examples as they were before preprocessing: gzipped TFRecords of
            serialized ``tf.Example``.
        test_results: by split, files of the same format in which the trainer wrote what the model says of each example
            (the label under its own name, ``prediction``, ``scores``); empty where there are none.
        schema: the file of the examples' schema; empty where there is none.
        transform_graph: the folder of the transform that the model was trained behind; empty where there is none.
        report: a folder for whatever the evaluator wants to keep; it becomes a part of the evaluation's artifact.
        baseline: the folder of the earlier model to compare to; empty where there is none.
        baseline_results: the baseline's test results, on the examples that its own run had.
        pipeline: makes a Beam pipeline on the step's processing backend; in memory where there is none.
        rows: how many examples the split has; ``None`` where nobody has counted them.

    Attributes:
        slices: what ``measure_slice`` was told.
        unmet: reasons not to bless the model, beside the step's ``thresholds``; an evaluator may add some.
        baseline_metrics: of the baseline, where the evaluator measured both models at once.
    """

    model: str
    split: str
    examples: Mapping[str, list[str]]
    test_results: Mapping[str, list[str]] = field(default_factory=dict)
    schema: str = ""
    transform_graph: str = ""
    report: str = ""
    baseline: str = ""
    baseline_results: Mapping[str, list[str]] = field(default_factory=dict)
    pipeline: Callable[[], beam.Pipeline] | None = None
    rows: int | None = None
    slices: list[tuple[dict[str, Any], dict[str, float]]] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    baseline_metrics: dict[str, float] | None = None

    def measure_slice(self, slice_: dict[str, Any], metrics: dict[str, float]) -> None:
        """Report the metrics of a part of the examples.

        Args:
            slice_: the value of each feature that makes the slice.
            metrics: as ``EvaluatorStep.evaluate`` returns them.
        """
        self.slices.append((slice_, metrics))

    def serialized(self) -> Iterator[np.ndarray[Any, Any]]:
        """Give the examples of the split in arrays of up to 8192 serialized ``tf.Example``."""
        yield from self._counted(read_serialized(self.examples[self.split]))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the examples of the split in batches of up to 8192 rows; each column is a list array."""
        for serialized in self.serialized():
            yield decode(serialized)

    def results(self) -> Iterator[pa.RecordBatch]:
        """Give the test results of the split as ``batches`` gives the examples."""
        for serialized in self._counted(read_serialized(self.test_results[self.split])):
            yield decode(serialized)

    def _counted(self, batches: Iterator[np.ndarray[Any, Any]]) -> Iterator[np.ndarray[Any, Any]]:
        """Say how far whoever takes these batches is: one is done when the next is asked for."""
        progress.report(0, self.rows)
        for batch in batches:
            yield batch
            progress.advance(len(batch), self.rows)


class EvaluatorStep(BaseStep):
    """Says how good a model is, and whether it may be deployed.

    An argument named ``baseline`` says what to compare to: ``blessed``, the model that the pipeline's evaluator blessed
    last before this one, or what an argument ``model`` takes. An argument named ``model`` says which model to measure
    where no trainer stands before: see ``docs/how-to/use-a-model-from-elsewhere.md``.

    Attributes:
        split: the split that is measured; ``eval`` unless a class or an instance says otherwise.
        thresholds: by metric, what blesses a model: a number that it must at least have, or a map with any of
            ``at_least``, ``at_most`` (of the metric itself), ``change_at_least``, ``change_at_most`` (of its difference
            from the baseline's), ``slices_at_least`` and ``slices_at_most`` (in every slice). Without thresholds every
            model is blessed.
    """

    KIND: ClassVar[str] = "evaluator"
    split: str = "eval"
    thresholds: Mapping[str, Any] = {}

    @abstractmethod
    def evaluate(self, evaluation: Evaluation) -> dict[str, float]:
        """Measure a model.

        Where the step compares to a baseline and set no ``baseline_metrics``, it is called a second time, for that one.

        Args:
            evaluation: the model, and the data to measure it on.

        Returns:
            The metrics by name.
        """
        raise NotImplementedError


def read_serialized(files: list[str]) -> Iterator[np.ndarray[Any, Any]]:
    """Read files of examples, which are gzipped TFRecords, in arrays of up to 8192 byte strings."""
    import tensorflow as tf

    yield from tf.data.TFRecordDataset(files, "GZIP").batch(BATCH).as_numpy_iterator()


def decode(serialized: np.ndarray[Any, Any]) -> pa.RecordBatch:
    """Decode n serialized ``tf.Example`` into n rows of list columns."""
    from tfx_bsl.coders import example_coder

    return example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(serialized)
