"""What the runner makes of an inferrer's predictions, in the process of the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.runner.in_process import Rows, examples
from zenrepo.errors import StepFailed
from zenrepo.steps.interfaces import InferrerStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


class Given(InferrerStep):
    """Predicts what a test says."""

    batch_size = 2

    def __init__(self) -> None:
        super().__init__()
        self.predict: Callable[[Any], Any] = lambda serialized: {"length": [len(one) for one in serialized]}

    def load(self, model: str) -> Callable[[Any], Any]:
        """Give what the test says."""
        return self.predict


def infer(step: Given, folder: Path, **splits: list[Rows]) -> tuple[dict[str, Any], Path]:
    """Run the executor on examples; give what the run reports, and the folder of the predictions."""
    from tfx.types import standard_artifacts

    from zenrepo.runner.executors.inferrer import infer as execute
    from zenrepo.runner.performing import step_load
    from zenrepo.runner.performing.failure import describe
    from zenrepo.runner.performing.work import Work

    made, model = standard_artifacts.Examples(), standard_artifacts.Model()
    made.uri, model.uri = str(folder / "made"), str(folder / "model")
    config = {"name": str(folder), "type": step.step_type(), "args": {}}
    step_load._made[json.dumps(config, sort_keys=True)] = step
    source = examples(folder / "source", **splits)
    info = SimpleNamespace(tmp_dir=str(folder / "tmp"))
    work = Work("step", step, config, info, {"examples": [source], "model": [model]}, {"predictions": [made]}, {})
    try:
        execute(work)
    except Exception as error:
        described = describe(error, "step", [])
        raise StepFailed(described["message"], described["hint"]) from error
    return work.facts, folder / "made"


def features(file: Path) -> list[Any]:
    """Read the features of a file's examples."""
    import tensorflow as tf

    records = tf.data.TFRecordDataset(str(file), "GZIP")
    return [tf.train.Example.FromString(record.numpy()).features.feature for record in records]


def test_each_file_becomes_one_of_predictions_in_its_order(tmp_path: Path) -> None:
    """Whatever the size of the batches is, and split by split."""
    step = Given()
    step.predict = lambda serialized: {"first": [one[-1:] for one in serialized]}
    files = [{"x": [1, 2, 3]}, {"x": [4]}]
    facts, made = infer(step, tmp_path, train=files, eval=[{"x": [5]}])
    found = {str(f.relative_to(made)): features(f) for f in sorted(made.rglob("*.gz"))}

    assert facts["rows"] == 5
    assert facts["splits"] == {"train": 4, "eval": 1}
    assert {name: [p["first"].bytes_list.value[0][0] for p in said] for name, said in found.items()} == {
        "Split-eval/predictions-00000-of-00001.gz": [5],
        "Split-train/predictions-00000-of-00002.gz": [1, 2, 3],
        "Split-train/predictions-00001-of-00002.gz": [4],
    }
    assert {f.suffix for f in made.rglob("*") if f.is_file()} == {".gz"}


def test_a_number_is_summed_up_by_its_mean_and_bounds(tmp_path: Path) -> None:
    """Over all files."""
    step = Given()
    step.predict = lambda serialized: {"size": [float(one[-1]) for one in serialized]}

    assert infer(step, tmp_path, data=[{"x": [1, 2, 3]}, {"x": [6]}])[0]["size"] == {
        "mean": 3.0,
        "min": 1.0,
        "max": 6.0,
    }


def test_classes_are_summed_up_by_how_often_each_is_the_most_probable(tmp_path: Path) -> None:
    """The most frequent first."""
    import numpy as np

    step = Given()
    step.predict = lambda serialized: {"p": np.eye(3)[[one[-1] % 3 for one in serialized]]}

    assert infer(step, tmp_path, data=[{"x": [1, 2, 4, 7]}])[0]["p"] == {"class 1": 3, "class 2": 1}


@pytest.mark.parametrize(
    ("predict", "problem"),
    [
        (lambda s: {"p": [float("nan")] * len(s)}, "the model gives 2 values of 'p' that are no finite numbers"),
        (lambda s: {"p": s[:-1]}, "the loaded model gives 1 predictions for 2 examples"),
        (lambda s: {"p": [1.0] * len(s), "q": [1.0]}, "outputs have different numbers of rows"),
        (lambda s: [1.0] * len(s), "the loaded model gives list"),
    ],
)
def test_what_is_no_prediction_is_refused(tmp_path: Path, predict: Callable[[Any], Any], problem: str) -> None:
    """The error says what it is instead."""
    step = Given()
    step.predict = predict

    with pytest.raises(StepFailed, match=problem):
        infer(step, tmp_path, data=[{"x": [1, 2]}])
