"""The example of a split step on the reference's page does what the page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import DOCS, Page
from tests.runner.in_process import examples, perform, read

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


def test_the_example_splits_by_what_it_found_out(tmp_path: Path) -> None:
    """Its analysis sees all the data, and what it counts is reported."""
    from zenrepo.runner.executors.split import split

    [block] = [block for block in Page(DOCS / "reference" / "split-steps.md").blocks if block.language == "python"]
    namespace: dict[str, Any] = {"__name__": "mine"}
    exec(compile(block.text, "split-steps.md", "exec"), namespace)
    values = [float(number % 10) for number in range(100)] + [1000.0]
    source = examples(tmp_path / "source", data=[{"x": values[:30]}, {"x": values[30:]}])
    step = namespace["OutlierSplit"](column="x", deviations=3)
    facts, made = perform(split, step, tmp_path, source, ("data", "examples"))
    [outlier] = read(made, "outliers")

    assert outlier.features.feature["x"].float_list.value[:] == [1000.0]
    assert facts["mean"] == pytest.approx(sum(values) / 101)
    assert facts["far_from_the_mean"] == facts["splits"]["outliers"] == 1
