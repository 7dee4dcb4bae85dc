"""What a trainer leaves for an evaluator and a deployer, in a whole run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import Bench, Ran
from tests.steps.training import read
from zenrepo.runs.plan import PlannedStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


@pytest.fixture(scope="module")
def results(first: Ran) -> list[Any]:
    """The test results of the first run."""
    return read(Path(first.artifact("trainer", "test_results")["uri"], "Split-eval"))


def test_test_results_are_an_artifact(first: Ran, results: list[Any]) -> None:
    """Every example of the evaluation split is there, with its features as they are in the data."""
    raw = read(Path(first.artifact("split", "examples")["uri"], "Split-eval"))
    radius = [example.features.feature["mean radius"].float_list.value[0] for example in raw]

    assert [e.features.feature["mean radius"].float_list.value[0] for e in results] == radius
    assert len(results[0].features.feature) == 31 + 2


def test_test_results_say_what_the_evaluator_measures(first: Ran, results: list[Any]) -> None:
    """The accuracy of the predictions in them is that of the served model."""
    hits = [
        e.features.feature["target"].int64_list.value[0] == e.features.feature["prediction"].int64_list.value[0]
        for e in results
    ]

    assert sum(hits) / len(hits) == pytest.approx(first.step("evaluator")["facts"]["metrics"]["binary_accuracy"])


def test_a_network_of_pytorch_is_evaluated_and_deployed(bench: Bench, cancer: list[PlannedStep], first: Ran) -> None:
    """TensorFlow Model Analysis measures it, and it is deployed as any other; what came before is used again."""
    pytest.importorskip("torch")
    trainer = replace(cancer[3], type="zenrepo.steps.TorchFeedForwardTrainer", code_digest="a" * 64)
    ran = bench.run(bench.plan(*cancer[:3], trainer, *cancer[4:], pipeline="cancer"))

    assert ran.status == 0, json.dumps(ran.events[-3:], indent=1) + ran.stderr
    assert ran.states["split"] == "cached"
    assert ran.step("evaluator")["facts"]["metrics"]["auc"] > 0.95
    assert Path(ran.step("deployer")["facts"]["destination"], "assets.extra", "state_dict.pt").exists()
