"""A table as people have them: texts, missing values, odd names, more than two classes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import Bench, Ran, step

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
CENTRES = {"setosa": 1.0, "virginica": 5.0, "versicolor": 9.0}


def table() -> str:
    """Make 400 rows of which a tenth of the values is missing."""
    draw = random.Random(1)
    lines = ["sepal length,colour,_code,9th,species"]
    for _ in range(400):
        species = draw.choice(sorted(CENTRES))
        length = "" if draw.random() < 0.1 else f"{draw.gauss(CENTRES[species], 1):.3f}"
        colour = "" if draw.random() < 0.1 else draw.choice(["red", "green", species])
        lines.append(f"{length},{colour},{draw.randint(0, 30):05d},{draw.random():.3f},{species}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def mixed(bench: Bench) -> Ran:
    """A run over the table."""
    file = bench.checkout / "data" / "mixed.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(table())
    ran = bench.run(
        bench.plan(
            step("data", "zenrepo.steps.CSVDataStep", {"data/mixed.csv": file}, path="data/mixed.csv"),
            step("split", "zenrepo.steps.RandomSplit"),
            step("preprocess", "zenrepo.steps.StandardPreprocess", label="species"),
            step("trainer", "zenrepo.steps.KerasFeedForwardTrainer", label="species", epochs=15),
            step("evaluator", "zenrepo.steps.TFMAEvaluator", label="species", slices=["colour"]),
            step("deployer", "zenrepo.steps.FolderDeployer", path="serving/mixed"),
            pipeline="mixed",
        )
    )
    assert ran.status == 0, ran.events[-1]
    return ran


def test_types_are_reported(mixed: Ran) -> None:
    """Leading zeros make a code, not a number."""
    types = {"sepal length": "float", "colour": "string", "_code": "string", "9th": "float", "species": "string"}

    assert mixed.step("data")["facts"]["types"] == types


def test_a_text_label_makes_classes(mixed: Ran) -> None:
    """Three texts are three classes; the evaluator, without being told, measures as Keras did."""
    trainer, evaluator = mixed.step("trainer")["facts"], mixed.step("evaluator")["facts"]

    assert trainer["problem"] == "multi-class"
    assert evaluator["metrics"]["sparse_categorical_accuracy"] == pytest.approx(trainer["val_accuracy"], abs=1e-4)
    assert evaluator["metrics"]["sparse_categorical_accuracy"] > 0.7
    assert evaluator["blessed"] is True


def test_metrics_are_sliced(mixed: Ran) -> None:
    """Each value of a feature has metrics of its own."""
    import tensorflow_model_analysis as tfma

    slices: Any = tfma.load_eval_result(mixed.artifact("evaluator", "evaluation")["uri"]).get_slice_names()

    assert () in slices
    assert (("colour", "red"),) in slices


def test_missing_values_are_served(mixed: Ran) -> None:
    """A missing value given plainly is what an absent feature of an example is."""
    import tensorflow as tf

    served = tf.saved_model.load(mixed.step("deployer")["facts"]["destination"]).signatures
    example = tf.train.Example()
    example.features.feature["9th"].float_list.value.append(0.5)
    example.features.feature["_code"].bytes_list.value.append(b"00003")
    plain = {
        "sepal_length": tf.constant([float("nan")]),
        "colour": tf.constant([""]),
        "f_code": tf.constant(["00003"]),
        "f9th": tf.constant([0.5]),
    }
    serialized = tf.constant([example.SerializeToString()])
    one = served["serving_default"](examples=serialized)["predictions"].numpy()

    assert one == pytest.approx(served["serving_features"](**plain)["predictions"].numpy())
    assert one.shape == (1, 3)
    assert one.sum() == pytest.approx(1, abs=1e-5)


def test_examples_lack_what_the_table_lacks(mixed: Ran) -> None:
    """A missing value is a feature without a value."""
    import tensorflow as tf

    folder = Path(mixed.artifact("data", "examples")["uri"], "Split-data")
    records = tf.data.TFRecordDataset([str(file) for file in folder.iterdir()], "GZIP")
    found = [tf.train.Example.FromString(record.numpy()) for record in records]
    missing = sum(not example.features.feature["colour"].WhichOneof("kind") for example in found)

    assert missing == sum(line.split(",")[1] == "" for line in table().splitlines())
