"""A custom step stands anywhere in a custom pipeline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.runner.conftest import Bench, Ran, step

pytestmark = pytest.mark.heavy

STEPS = '''
from zenrepo.steps import CustomStep


class Numbers(CustomStep):
    """Stands first, and makes up its examples."""

    def run(self, examples, output):
        import tensorflow as tf

        assert examples == {}
        for split, rows in (("train", 6), ("eval", 4)):
            with tf.io.TFRecordWriter(output[split] + "/numbers.gz", "GZIP") as writer:
                for n in range(rows):
                    feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[n]))
                    features = tf.train.Features(feature={"n": feature})
                    writer.write(tf.train.Example(features=features).SerializeToString())


class Twice(CustomStep):
    """Writes every example twice."""

    def run(self, examples, output):
        import tensorflow as tf

        for split, files in examples.items():
            for copy in ("a", "b"):
                with tf.io.TFRecordWriter(f"{output[split]}/{copy}.gz", "GZIP") as writer:
                    for record in tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator():
                        writer.write(record)


class Nothing(CustomStep):
    """Asks for a split, and writes nothing into it."""

    def run(self, examples, output):
        output["train"]

'''


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Two custom steps of one class behind a third, and a run whose last step writes nothing."""
    bench = Bench(tmp_path_factory.mktemp("custom"))
    bench.checkout.joinpath("steps", "own.py").write_text(STEPS)
    names = {"numbers": "Numbers", "twice": "Twice", "again": "Twice"}
    steps = [replace(step("custom", f"steps.own.{cls}"), name=name) for name, cls in names.items()]
    failing = replace(step("custom", "steps.own.Nothing"), name="nothing")
    return bench.run(bench.plan(*steps, failing, pipeline="own"))


def test_each_takes_what_the_one_before_made(ran: Ran) -> None:
    """The first makes its splits up, those behind it keep them."""
    splits = {name: ran.step(name)["facts"]["splits"] for name in ("numbers", "twice", "again")}

    assert splits == {
        "numbers": {"train": 6, "eval": 4},
        "twice": {"train": 12, "eval": 8},
        "again": {"train": 24, "eval": 16},
    }


def test_a_split_without_examples_fails(ran: Ran) -> None:
    """The step is named; what came before it stays."""
    assert ran.states["nothing"] == "failed"
    assert ran.step("nothing")["error"]["message"].startswith(
        "step 'nothing': run wrote no examples into split 'train'"
    )
    assert ran.states["again"] == "complete"
