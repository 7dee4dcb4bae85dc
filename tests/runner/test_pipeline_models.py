"""Where a pipeline's models come from, seen before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import Bench, step
from zenrepo.errors import UsageError
from zenrepo.runs.plan import PlannedStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
DATA = step("data", "zenrepo.steps.CSVDataStep", path="a.csv")


def nodes(bench: Bench, *steps: PlannedStep) -> list[Any]:
    """List the nodes of a pipeline."""
    from zenrepo.runner.compiling.pipeline import nodes_of

    return nodes_of(bench.plan(*steps))


def test_a_model_is_brought_in_right_before_the_step_that_names_it(bench: Bench) -> None:
    """Each step gets its own."""
    evaluator = step("evaluator", "zenrepo.steps.ResultsEvaluator", label="y", model="pipeline:a")
    inferrer = step("inferrer", "zenrepo.steps.BatchInferrer", model="pipeline:b")
    found = nodes(bench, DATA, evaluator, inferrer)

    names = ["data", "statistics", "schema", "model", "evaluator", "inferrer_model", "inferrer"]
    assert [node.name for node in found] == names
    assert [node.model for node in found if node.model] == ["pipeline:a", "pipeline:b"]


def test_a_model_beside_a_trainer_is_refused(bench: Bench) -> None:
    """It would be a riddle which of the two is meant."""
    trainer = step("trainer", "zenrepo.steps.KerasFeedForwardTrainer", label="y")
    evaluator = step("evaluator", "zenrepo.steps.ResultsEvaluator", label="y", model="pipeline:a")

    with pytest.raises(UsageError, match="'evaluator' is given the model 'pipeline:a', but step 'trainer' before it"):
        nodes(bench, DATA, trainer, evaluator)


def test_a_step_cannot_take_the_name_of_the_node_that_brings_a_model_in(bench: Bench) -> None:
    """As with TFX's other nodes."""
    with pytest.raises(UsageError, match="a step cannot be named 'model'"):
        nodes(bench, PlannedStep("model", "data", "steps.mine.A", "c" * 40, False, "d" * 64, "e" * 64, {}))


def test_a_step_without_a_model_says_how_to_get_one(bench: Bench, tmp_path: Path) -> None:
    """By a trainer, or by the argument."""
    from zenrepo.runner.compiling.pipeline import compile_pipeline, nodes_of

    plan = bench.plan(DATA, step("inferrer", "zenrepo.steps.BatchInferrer"), metadata_store=str(tmp_path / "m.db"))
    with pytest.raises(UsageError, match="step 'inferrer' needs 'model'") as raised:
        compile_pipeline(plan, nodes_of(plan), {})

    assert raised.value.hint == "put a trainer step before it, or name one with the argument 'model'"


def test_the_same_folder_is_copied_once_and_another_content_anew(bench: Bench, tmp_path: Path) -> None:
    """What a step was given stays in the artifact store, named by its content."""
    from zenrepo.metadata.models import Models
    from zenrepo.runner.compiling.outside import find

    folder = bench.repository / "models/other"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text("one")
    inferrer = step("inferrer", "zenrepo.steps.BatchInferrer", model="models/other")
    plan = bench.plan(DATA, inferrer, artifact_store=str(tmp_path / "artifacts"))
    models = Models.at(str(tmp_path / "metadata.db"))
    first, same = (find("models/other", plan, models, inferrer) for _ in range(2))
    (folder / "saved_model.pb").write_text("two")
    other = find("models/other", plan, models, inferrer)

    assert first == same
    assert other.uri != first.uri
    assert Path(first.uri, "Format-Serving/saved_model.pb").read_text() == "one"
    assert Path(other.uri, "Format-Serving/saved_model.pb").read_text() == "two"
