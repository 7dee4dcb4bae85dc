"""Sequencers of users: what they may yield, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runner.in_process import examples, perform
from zenrepo.errors import StepFailed
from zenrepo.steps import SequencerStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


class Own(SequencerStep):
    """Makes one batch of each batch of rows, of lists that are given."""

    def __init__(self, *, made: Any) -> None:
        super().__init__(made=made)
        self.made = made

    def sequence(self) -> Any:
        """Yield a batch, or what is none."""
        import apache_beam as beam

        return beam.Map(lambda _: batch_of(self.made))

    def get_context(self) -> list[str]:
        """Name the column that is no feature list."""
        return ["who"]


def batch_of(made: Any) -> Any:
    """Make a batch, where that can be."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(made) if isinstance(made, dict) else made


def run(step: SequencerStep, folder: Path) -> Any:
    """Make sequences of three rows; gives the first record."""
    from zenrepo.runner.artifacts import records
    from zenrepo.runner.executors.sequencer import sequence

    source = examples(folder / "source", train=[{"id": [1, 2, 3]}])
    _, artifact = perform(sequence, step, folder, source, ("rows", "examples"))
    return next(records.read_serialized(records.split_folder(artifact, "train")))[0]


def test_a_sequence_may_have_any_length(tmp_path: Path) -> None:
    """TensorFlow reads each step of each type; numbers below zero and empty texts too."""
    import tensorflow as tf

    made = {"who": [["ä"]], "n": [[-1, 0, 2**62]], "x": [[0.5, -0.5, 0.0]], "w": [["", "a", "b" * 200]]}
    record = run(Own(made=made), tmp_path)
    kinds = {"n": tf.int64, "x": tf.float32, "w": tf.string}
    context, steps = tf.io.parse_single_sequence_example(
        record,
        {"who": tf.io.FixedLenFeature([], tf.string)},
        {name: tf.io.FixedLenSequenceFeature([], kind) for name, kind in kinds.items()},
    )
    lists = tf.train.SequenceExample.FromString(record).feature_lists.feature_list

    assert context["who"].numpy().decode() == "ä"
    assert steps["n"].numpy().tolist() == made["n"][0]
    assert steps["x"].numpy().tolist() == made["x"][0]
    assert [text.decode() for text in steps["w"].numpy()] == made["w"][0]
    assert sorted(lists) == ["n", "w", "x"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (7, "sequence yields int, not pyarrow.RecordBatch"),
        ({"who": [["a"]], "x": [1.0]}, "column 'x' of the sequences holds double, not lists"),
        ({"who": [["a"]], "x": [[1.0, None]]}, "column 'x' of the sequences lacks a value"),
        ({"who": [["a"]], "x": [None]}, "column 'x' of the sequences holds null, not lists"),
    ],
)
def test_what_is_no_sequence_is_refused(made: Any, message: str, tmp_path: Path) -> None:
    """The message names the column, and nothing is taken for whole."""
    with pytest.raises(StepFailed) as refused:
        run(Own(made=made), tmp_path)

    assert message in refused.value.message
    assert not list(tmp_path.glob("made/**/*.gz"))
