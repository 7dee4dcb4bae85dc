"""Series of several machines, from a CSV file to a model that forecasts them."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import Bench, Ran, step
from zenrepo.runs.watching.progress import progress

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
HOURS = 500
LENGTH = 12


def table() -> str:
    """Make the load of three machines, each a wave of its own, measured about three times an hour."""
    draw = random.Random(1)
    lines = ["time,machine,load,state"]
    for hour in range(HOURS):
        for machine, period in (("a", 24), ("b", 12), ("c", 8)):
            for minute in sorted(draw.sample(range(60), 3)):
                if draw.random() < 0.05:
                    continue
                load = math.sin(2 * math.pi * (hour + minute / 60) / period) + draw.gauss(0, 0.05)
                day, clock = divmod(hour, 24)
                state = "on" if load > 0 else "off"
                lines.append(f"2026-01-{1 + day:02d}T{clock:02d}:{minute:02d},{machine},{load:.4f},{state}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def waves(bench: Bench) -> Ran:
    """A run that forecasts the next hour from twelve."""
    file = bench.checkout / "data" / "waves.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(table())
    ran = bench.run(
        bench.plan(
            step("data", "zenrepo.steps.CSVDataStep", {"data/waves.csv": file}, path="data/waves.csv"),
            step("split", "zenrepo.steps.TimeSplit", column="time", split_map={"train": 0.8, "eval": 0.2}),
            step(
                "sequencer",
                "zenrepo.steps.StandardSequencer",
                timestamp="time",
                category="machine",
                frequency="h",
                gap="6h",
                length=LENGTH,
                label="load",
            ),
            step("preprocess", "zenrepo.steps.StandardPreprocess", label="load_next", exclude=["state"]),
            step("trainer", "zenrepo.steps.KerasFeedForwardTrainer", label="load_next", epochs=15),
            pipeline="waves",
        )
    )
    assert ran.status == 0, ran.events[-3:]
    return ran


def test_whoever_followed_saw_the_sequences_of_the_last_split(waves: Ran) -> None:
    """They are counted when its rows have been read."""
    said = progress(Path(waves.plan.folder), "sequencer") or {}

    assert (said["unit"], said["total"]) == ("sequences of eval", None)
    assert 0 < said["done"] <= waves.step("sequencer")["facts"]["splits"]["eval"]


def test_the_future_is_evaluated(waves: Ran) -> None:
    """The split is cut at a moment that the report names, and each part has its share."""
    facts = waves.step("split")["facts"]
    train, total = facts["splits"]["train"], facts["rows"]

    assert train / total == pytest.approx(0.8, abs=0.01)
    assert facts["starts"]["eval"].startswith("2026-01-1")


def test_the_sequencer_reports_what_it_made(waves: Ran) -> None:
    """Three series in each of two splits; each gives a window an hour, but for the last twelve."""
    facts = waves.step("sequencer")["facts"]

    assert facts["series"] == 6
    assert facts["overlap"] == LENGTH - 1
    assert facts["rows"] == facts["steps"] - 6 * LENGTH
    assert facts["rows"] == sum(facts["splits"].values())


def test_windows_are_read_as_examples_and_as_sequences(waves: Ran) -> None:
    """The same record gives a list of twelve values, and twelve steps of one value with the times beside."""
    import tensorflow as tf

    folder = Path(waves.artifact("sequencer", "examples")["uri"], "Split-eval")
    [record] = tf.data.TFRecordDataset([str(file) for file in folder.iterdir()], "GZIP").take(1)
    example = tf.io.parse_single_example(record, {"load": tf.io.FixedLenFeature([LENGTH], tf.float32)})
    context, steps = tf.io.parse_single_sequence_example(
        record,
        {"machine": tf.io.FixedLenFeature([], tf.string), "load_next": tf.io.FixedLenFeature([], tf.float32)},
        {
            "load": tf.io.FixedLenSequenceFeature([], tf.float32),
            "time": tf.io.FixedLenSequenceFeature([], tf.string),
            "state": tf.io.FixedLenSequenceFeature([], tf.string),
        },
    )

    assert steps["load"].numpy().tolist() == example["load"].numpy().tolist()
    assert context["machine"].numpy() in (b"a", b"b", b"c")
    assert steps["time"].shape == steps["state"].shape == (LENGTH,)


def test_a_model_learns_from_windows(waves: Ran) -> None:
    """The forecast is far better than the spread of the load, which is 0.7."""
    facts: dict[str, Any] = waves.step("trainer")["facts"]

    assert facts["problem"] == "regression"
    assert facts["val_mean_absolute_error"] < 0.15
