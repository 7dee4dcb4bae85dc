"""What the standard steps take, and what they refuse by name."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from zenrepo import steps
from zenrepo.errors import StepArgumentError
from zenrepo.steps import (
    BaseStep,
    CSVDataStep,
    FolderDeployer,
    KerasFeedForwardTrainer,
    RandomSplit,
    StandardPreprocess,
    TFMAEvaluator,
)

MADE: list[BaseStep] = [
    CSVDataStep(path="data/cancer.csv", delimiter=";"),
    RandomSplit(split_map={"train": 0.8, "eval": 0.2}, seed=3),
    StandardPreprocess(label="target", exclude=["id"], vocabulary_size=10),
    KerasFeedForwardTrainer(label="target", hidden_layers=[4], epochs=1, dropout=0.5),
    TFMAEvaluator(label="target", metrics=["AUC"], slices=["colour", ["a", "b"]], thresholds={"auc": 0.9}),
    FolderDeployer(path="serving/model"),
]


@pytest.mark.parametrize("step", MADE, ids=lambda step: type(step).__name__)
def test_a_step_is_made_again_from_its_record(step: BaseStep) -> None:
    """The recorded arguments make an equal step."""
    again = type(step)(**step.args)

    assert again.args == step.args
    assert vars(again).keys() == vars(step).keys()


@pytest.mark.parametrize("step", MADE, ids=lambda step: type(step).__name__)
def test_a_standard_steps_type_is_short(step: BaseStep) -> None:
    """A standard step is named by the package that exports it, wherever its module is."""
    assert step.step_type() == f"zenrepo.steps.{type(step).__name__}"
    assert getattr(steps, type(step).__name__) is type(step)


def test_all_that_is_exported_is_there() -> None:
    """Every name in ``__all__`` can be imported, in order."""
    assert sorted(steps.__all__) == steps.__all__
    assert all(hasattr(steps, name) for name in steps.__all__)


@pytest.mark.imports
def test_steps_are_light_to_import() -> None:
    """Importing the steps imports none of the libraries that they run on."""
    heavy = {"tensorflow", "apache_beam", "pyarrow", "numpy", "keras", "tfx", "pandas"}
    code = f"import sys, zenrepo.steps; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


REFUSED: list[tuple[type[BaseStep], dict[str, Any], str]] = [
    (CSVDataStep, {"path": ""}, "path is '', not a text"),
    (CSVDataStep, {"path": "a.csv", "delimiter": ", "}, "delimiter ', ' is not one ASCII character"),
    (RandomSplit, {"split_map": {}}, "split_map is {}, not a map"),
    (RandomSplit, {"split_map": {"train": 0.5, "eval": 0.4}}, "sum to 0.9, not to 1: train 0.5 + eval 0.4"),
    (RandomSplit, {"split_map": {"train": 1.2, "eval": -0.2}}, "the share of split 'eval' is -0.2"),
    (RandomSplit, {"split_map": {"train": "most"}}, "the share of split 'train' is 'most', not a number"),
    (RandomSplit, {"seed": "x"}, "seed is 'x', not a whole number"),
    (StandardPreprocess, {"label": "y", "exclude": ["y"]}, "exclude names the label 'y'"),
    (StandardPreprocess, {"label": "y", "exclude": "x"}, "exclude is 'x', not a list"),
    (StandardPreprocess, {"label": "y", "vocabulary_size": 0}, "vocabulary_size is 0, not a positive whole number"),
    (KerasFeedForwardTrainer, {"label": "y", "epochs": 0}, "epochs is 0, not a positive whole number"),
    (KerasFeedForwardTrainer, {"label": "y", "hidden_layers": [8, -1]}, "hidden_layers[1] is -1"),
    (KerasFeedForwardTrainer, {"label": "y", "dropout": 1}, "dropout is 1, not from 0 up to 1"),
    (KerasFeedForwardTrainer, {"label": "y", "learning_rate": 0}, "learning_rate is 0, not a positive number"),
    (TFMAEvaluator, {"label": "y", "thresholds": {"mean_squared_error": 3}}, "a smaller value of it is better"),
    (TFMAEvaluator, {"label": "y", "thresholds": {"auc": {"above": 3}}}, "the threshold of 'auc' has no bound 'above'"),
    (FolderDeployer, {"path": ""}, "path is '', not a text"),
]


@pytest.mark.parametrize(("kind", "arguments", "problem"), REFUSED)
def test_a_bad_argument_is_refused_by_name(kind: type[BaseStep], arguments: dict[str, Any], problem: str) -> None:
    """The message names the step and the argument."""
    with pytest.raises(StepArgumentError) as refused:
        kind(**arguments)

    assert refused.value.message.startswith(f"step '{kind.__name__}': ")
    assert problem in refused.value.message
