"""InferrerStep: each file of examples becomes one of predictions, in the same order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow as tf

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records
from zenrepo.runner.artifacts.model_folder import model_folder
from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing.step_load import step_of
from zenrepo.runner.performing.work import Work
from zenrepo.steps import progress
from zenrepo.steps.inferrer.columns import table
from zenrepo.steps.interfaces.inferrer import InferrerStep

PREFIX = "predictions"
SAID = ".json"
"""How the file ends in which a worker says what a file of predictions holds."""
MOST_CLASSES = 20


def infer(work: Work) -> None:
    """Have the step predict every split.

    Args:
        work: with an InferrerStep.

    Raises:
        StepFailed: if there are no examples, or what the step gives is no prediction for each.
    """
    assert isinstance(work.step, InferrerStep)
    examples, predictions = work.input("examples"), work.output("predictions")
    splits = records.splits_of(examples)
    records.describe(predictions, splits)
    shards = [shard for split in splits for shard in _shards(split, examples, predictions)]
    predict = _Predict(work.config, model_folder(work.input("model").uri), rows_of(examples))
    with work.pipeline() as pipeline:
        _ = pipeline | "files" >> beam.Create(shards) | "predict" >> beam.ParDo(predict)
    summaries: dict[str, Summary] = {}
    rows = {split: _settle(records.split_folder(predictions, split), summaries) for split in splits}
    if not sum(rows.values()):
        raise StepFailed("there are no examples to predict", "see the steps before")
    work.facts.update(rows=sum(rows.values()), **({"splits": rows} if len(rows) > 1 else {}))
    work.facts.update({name: summary.facts() for name, summary in summaries.items()})


def _shards(split: str, examples: Any, predictions: Any) -> list[tuple[str, str]]:
    """Pair each file of examples with the file that its predictions go to."""
    files = records.files_of(records.split_folder(examples, split))
    folder = records.split_folder(predictions, split)
    return [(file, str(folder / records.shard_name(PREFIX, i, len(files)))) for i, file in enumerate(files)]


class Summary:
    """What the predictions of an output are like.

    Args:
        data: as ``plain`` gave it.
    """

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        data = data or {}
        self._count: int = data.get("count", 0)
        self._sum: float = data.get("sum", 0.0)
        self._least: float = data.get("least", float("inf"))
        self._most: float = data.get("most", float("-inf"))
        self._classes: Counter[str] = Counter(data.get("classes", {}))

    def add(self, values: Any, width: int) -> None:
        """Count the predictions of a batch, of shape (rows * width,)."""
        if width > 1:
            self._classes.update(str(i) for i in values.reshape(-1, width).argmax(axis=1))
            return
        self._count += len(values)
        self._sum += float(values.sum(dtype=float))
        self._least, self._most = min(self._least, float(values.min())), max(self._most, float(values.max()))

    def merge(self, other: Summary) -> None:
        """Count what another one counted."""
        self._count += other._count
        self._sum += other._sum
        self._least, self._most = min(self._least, other._least), max(self._most, other._most)
        self._classes.update(other._classes)

    def plain(self) -> dict[str, Any]:
        """Give it as what JSON can hold."""
        numbers = {"count": self._count, "sum": self._sum, "least": self._least, "most": self._most}
        return {"classes": dict(self._classes)} if self._classes else numbers if self._count else {}

    def facts(self) -> dict[str, Any]:
        """Say it to a user: how often each of several columns was the largest, or the spread of a number."""
        if self._classes:
            return {f"class {name}": count for name, count in self._classes.most_common(MOST_CLASSES)}
        return {"mean": round(self._sum / self._count, 6), "min": round(self._least, 6), "max": round(self._most, 6)}


class _Predict(beam.DoFn):  # type: ignore[misc] # Beam has no types that mypy is shown
    """Predicts the examples of a file."""

    def __init__(self, config: dict[str, Any], model: str, total: int | None) -> None:
        self._config, self._model, self._total = config, model, total

    def setup(self) -> None:
        """Load the model once in a process."""
        step = step_of(self._config)
        assert isinstance(step, InferrerStep)
        self._predict, self._size = step.load(self._model), step.batch_size

    def process(self, shard: tuple[str, str]) -> Iterator[Any]:
        """Predict a file, and say beside the predictions what they are like."""
        source, target = shard
        summaries: dict[str, Summary] = {}
        with records.ShardWriter(Path(target)) as writer:
            for serialized in tf.data.TFRecordDataset([source], "GZIP").batch(self._size).as_numpy_iterator():
                made = self._predict(serialized)
                batch = made if isinstance(made, pa.RecordBatch) else _table(made)
                _check(batch, serialized, summaries)
                writer.write(batch)
                progress.advance(len(serialized), self._total)
        said = {"rows": writer.rows, "summaries": {name: s.plain() for name, s in summaries.items()}}
        Path(target + SAID).write_text(json.dumps(said), encoding="utf-8")
        return iter(())


def _table(made: Any) -> pa.RecordBatch:
    if not isinstance(made, Mapping):
        raise StepFailed(
            f"the loaded model gives {type(made).__name__}", "give a pyarrow.RecordBatch, or arrays by name"
        )
    return table(made)


def _check(batch: pa.RecordBatch, serialized: Any, summaries: dict[str, Summary]) -> None:
    """Refuse predictions that are missing or no numbers, and sum up those that are features of no example."""
    if batch.num_rows != len(serialized):
        raise StepFailed(
            f"the loaded model gives {batch.num_rows} predictions for {len(serialized)} examples",
            "give one row for each example, in their order",
        )
    features = set(records.decode(serialized[:1]).schema.names)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if name not in features:
            _sum_up(name, column, batch.num_rows, summaries)


def _sum_up(name: str, column: pa.Array, rows: int, summaries: dict[str, Summary]) -> None:
    flat = column.flatten() if pa.types.is_list(column.type) else column
    if not (pa.types.is_floating(flat.type) or pa.types.is_integer(flat.type)):
        return
    values = flat.drop_null().to_numpy(zero_copy_only=False)
    bad = int((~np.isfinite(values)).sum()) if values.dtype.kind == "f" else 0
    if bad:
        raise StepFailed(
            f"the model gives {bad} values of '{name}' that are no finite numbers, in a batch of {rows} examples",
            "look for missing values in the data, which the model was not trained to take",
        )
    width = len(values) // rows
    if len(values) and len(values) == rows * width:
        summaries.setdefault(name, Summary()).add(values, width)


def _settle(folder: Path, summaries: dict[str, Summary]) -> int:
    """Count what the workers said of a split's predictions, and take that away."""
    rows = 0
    for file in sorted(folder.glob(f"*{SAID}")):
        said = json.loads(file.read_text(encoding="utf-8"))
        rows += said["rows"]
        for name, data in said["summaries"].items():
            summaries.setdefault(name, Summary()).merge(Summary(data))
        file.unlink()
    return rows
