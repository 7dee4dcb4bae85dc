"""The example of a sequencer on the reference's page does what the page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import DOCS, Page
from tests.runner.in_process import examples, perform, read

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


def test_the_example_resamples_and_fills_its_own_way(tmp_path: Path) -> None:
    """The feature that it names has its peaks and fades; another has its means and goes on."""
    from zenrepo.runner.executors.sequencer import sequence

    [block] = [block for block in Page(DOCS / "reference" / "sequencer-steps.md").blocks if block.language == "python"]
    namespace: dict[str, Any] = {"__name__": "mine"}
    exec(compile(block.text, "sequencer-steps.md", "exec"), namespace)
    rows = {"t": [0, 60, 10800], "x": [1.0, 1.0, 3.0], "y": [2.0, 4.0, 5.0]}
    step = namespace["PeakSequencer"](peak="x", timestamp="t", length=4, frequency="h")
    source = examples(tmp_path / "source", train=[rows])
    _, made = perform(sequence, step, tmp_path, source, ("rows", "examples"))
    [window] = read(made, "train")

    assert window.features.feature["x"].float_list.value[:] == [1.0, 0.5, 0.5, 3.0]
    assert window.features.feature["y"].float_list.value[:] == [3.0, 3.0, 3.0, 5.0]
