"""Split steps of users: what they may return, and what is refused with their name for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runner.in_process import examples, perform
from zenrepo.errors import StepFailed
from zenrepo.steps import SplitStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


class Own(SplitStep):
    """Divides as a function says, after an analysis by transforms that are given."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number=number)
        self.names = ["train", "eval"]
        self.divide: Callable[[Any], Any] = lambda batch: [0, 1] * (batch.num_rows // 2)
        self.passes: list[Any] = []

    def get_split_names(self) -> list[str]:
        """Name what the test says."""
        return self.names

    def analyze(self) -> Any:
        """Yield what the test says."""
        return iter_of(self.passes) if self.passes else None

    def partition_fn(self, batch: Any) -> Any:
        """Divide as the test says."""
        import numpy as np

        return np.asarray(self.divide(batch))


def iter_of(passes: list[Any]) -> Any:
    """Yield each, and return what the last one found."""
    found = None
    for transform in passes:
        found = yield transform
    return found


def run(step: SplitStep, folder: Path) -> dict[str, Any]:
    """Divide ten examples."""
    from zenrepo.runner.executors.split import split

    source = examples(folder / "source", data=[{"id": list(range(10))}])
    return perform(split, step, folder, source, ("data", "examples"))[0]


@pytest.mark.parametrize(
    ("number", "divide", "names", "message"),
    [
        (1, lambda batch: [0], ["train", "eval"], "an array of shape (1,) for 10 examples"),
        (2, lambda batch: [0, 2] * 5, ["train", "eval"], "partition_fn gave 2, which is no split"),
        (3, lambda batch: [0, -2] * 5, ["train", "eval"], "partition_fn gave -2, which is no split"),
        (4, lambda batch: [0.0, 1.0] * 5, ["train", "eval"], "an array of float64"),
        (5, lambda batch: [-1] * 10, ["train", "eval"], "split 'train' has no examples, of 10 in all, 10 of them left"),
        (6, lambda batch: [0, 1] * 5, ["train", "train"], "'train' cannot name a split"),
        (7, lambda batch: [0, 1] * 5, [], "get_split_names named no split"),
    ],
)
def test_what_is_no_division_is_refused(
    number: int, divide: Callable[[Any], Any], names: list[str], message: str, tmp_path: Path
) -> None:
    """The message says what came back, and nothing is taken for whole."""
    step = Own(number=number)
    step.divide, step.names = divide, names

    with pytest.raises(StepFailed) as refused:
        run(step, tmp_path)

    assert message in refused.value.message
    assert not list(tmp_path.glob("made/**/examples-*"))


def test_an_analysis_makes_one_element(tmp_path: Path) -> None:
    """A transform that makes many is refused, with the cure."""
    import apache_beam as beam

    step = Own(number=8)
    step.passes = [beam.FlatMap(lambda batch: range(batch.num_rows))]

    with pytest.raises(StepFailed) as refused:
        run(step, tmp_path)

    assert "a transform of analyze makes 10 elements, not one" in refused.value.message
    assert "CombineGlobally" in refused.value.hint


def test_examples_may_be_left_out(tmp_path: Path) -> None:
    """An index of -1 keeps an example out of all splits, and the report says how many there are."""
    step = Own(number=9)
    step.divide = lambda batch: [0, 1, -1, -1, -1] * 2

    assert run(step, tmp_path) == {"rows": 4, "splits": {"train": 2, "eval": 2}, "left_out": 6}
