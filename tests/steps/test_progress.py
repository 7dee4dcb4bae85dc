"""What a step says of how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from zenrepo.runs.watching.progress import progress, progress_file
from zenrepo.steps import CustomStep
from zenrepo.steps import progress as notes
from zenrepo.steps.trainer.epochs import Epochs


class Baker(CustomStep):
    """Bakes."""

    def run(self, examples: dict[str, list[str]], output: dict[str, str]) -> None:
        """Bake nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a run whose step ``bake`` this process performs."""
    notes.begin(progress_file(tmp_path / "bake.log"))
    yield tmp_path
    notes.begin("")


def test_whoever_follows_reads_what_a_step_says(folder: Path) -> None:
    """How much of how many of what."""
    Baker().progress(3, 10, "loaves")

    event = progress(folder, "bake")
    assert event is not None
    assert event.pop("time") > 0
    assert event == {"event": "progress", "step": "bake", "done": 3, "total": 10, "unit": "loaves"}


def test_what_comes_fast_is_left_out_but_never_the_end(folder: Path) -> None:
    """Thousands of calls write a few times."""
    for done in range(1, 5000):
        Baker().progress(done, 5000)
    seen = progress(folder, "bake")
    Baker().progress(5000, 5000)
    end = progress(folder, "bake")

    assert seen is not None
    assert seen["done"] < 5000
    assert end is not None
    assert end["done"] == 5000


def test_batches_add_up(folder: Path) -> None:
    """The total may be unknown."""
    notes.advance(100)
    notes.advance(Fraction(3, 2), 101.5)

    event = progress(folder, "bake")
    assert event is not None
    assert (event["done"], event["total"], event["unit"]) == (101.5, 101.5, "rows")


def test_what_a_step_says_itself_is_what_is_heard(folder: Path) -> None:
    """What counts rows or epochs for it falls silent."""
    notes.report(1, 2, "rows")
    Baker().progress(3, 10, "loaves")
    notes.advance(1, 2, "rows")

    event = progress(folder, "bake")
    assert event is not None
    assert (event["done"], event["unit"]) == (3, "loaves")


def test_phases_are_counted_each_by_itself(folder: Path) -> None:
    """Rows that are read, and what is made of them."""
    notes.advance(5, 5, "rows read")
    notes.advance(2, 2, "sequences")

    event = progress(folder, "bake")
    assert event is not None
    assert (event["done"], event["unit"]) == (2, "sequences")


def test_the_first_epoch_is_told_by_its_batches_and_later_ones_by_their_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many batches there are is known when they have all been seen once."""
    monkeypatch.setattr(notes, "EVERY", 0.0)
    epochs = Epochs(3)
    heard = []
    for epoch in range(2):
        epochs.begin(epoch)
        for _ in range(4):
            epochs.batch()
            heard.append(progress(folder, "bake"))
        epochs.end()
    heard.append(progress(folder, "bake"))

    said = [(event["done"], event["total"], event["unit"]) for event in heard if event]
    assert said == [
        *((batch, None, "batches of epoch 1") for batch in (1, 2, 3, 4)),
        *((done, 3, "epochs") for done in (1.25, 1.5, 1.75, 2)),
        (2, 3, "epochs"),
    ]


@pytest.mark.parametrize("done", [float("nan"), float("inf"), "many"])
def test_nonsense_harms_no_step(folder: Path, done: float) -> None:
    """It is not shown."""
    Baker().progress(done)

    assert progress(folder, "bake") is None


def test_a_folder_that_is_gone_harms_no_step(folder: Path) -> None:
    """Nor does a full disk."""
    notes.begin(str(folder / "gone" / "bake.progress"))
    Baker().progress(1, 1)

    assert progress(folder / "gone", "bake") is None


def test_outside_a_run_nobody_hears_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is written."""
    monkeypatch.chdir(tmp_path)
    Baker().progress(1, 1)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"done": 1}'])
def test_half_a_note_is_none(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file."""
    (tmp_path / "bake.progress").write_text(text)

    assert progress(tmp_path, "bake") is None
