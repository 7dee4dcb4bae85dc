"""Pipelines of the other kinds, written in Python."""

from __future__ import annotations

import pytest

from tests.pipelines.test_training import Custom, MyData, MyEvaluator, MyPreprocess, MySplit, MyTrainer
from zenrepo.pipeline_files.file import read, write
from zenrepo.pipelines import BatchInferencePipeline, CustomPipeline, DataPipeline, EvaluationPipeline, TrainingPipeline
from zenrepo.steps.base import BaseStep


class MyInferrer(BaseStep):
    """Stands for an InferrerStep."""

    KIND = "inferrer"


def test_a_data_pipeline_needs_data_alone() -> None:
    """Split, sequencer and preprocess are its own choice; the order is kept."""
    pipeline = DataPipeline("tea").add_preprocess(MyPreprocess()).add_data(MyData(path="a.csv"))

    assert list(pipeline.to_file().steps) == ["data", "preprocess"]
    assert pipeline.to_file().kind == "data"


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (
            BatchInferencePipeline("a").add_data(MyData(path="a")),
            "the pipeline has no inferrer step\nhint: add one; the order is data, split (optional),"
            " sequencer (optional), inferrer",
        ),
        (
            EvaluationPipeline("a").add_evaluator(MyEvaluator()),
            "the pipeline has no data step\nhint: add one; the order is data, split (optional), sequencer (optional),"
            " evaluator",
        ),
        (CustomPipeline("a"), "the pipeline has no steps\nhint: add one"),
    ],
)
def test_a_pipeline_that_lacks_a_step_is_refused(refusal, pipeline, message) -> None:
    """With the order of its kind."""
    assert refusal(pipeline.to_file) == message


def test_a_custom_pipeline_takes_any_steps_in_any_order() -> None:
    """Two of a kind too, each under its own name."""
    pipeline = (
        CustomPipeline("odd")
        .add_step("clean", Custom())
        .add_step("trainer", MyTrainer())
        .add_step("again", Custom())
        .add_step("split", MySplit())
    )

    assert list(pipeline.to_file().steps) == ["clean", "trainer", "again", "split"]


def test_a_custom_pipeline_refuses_a_name_twice(refusal) -> None:
    """The second step needs another."""
    pipeline = CustomPipeline("odd").add_step("clean", Custom())

    assert refusal(pipeline.add_step, "clean", Custom()) == (
        "pipeline 'odd' has a step 'clean' already\nhint: give the step another name"
    )


def test_every_kind_comes_back_from_its_file(repository) -> None:
    """As the same kind, with the same steps and trigger."""
    made = [
        TrainingPipeline("t").add_data(MyData(path="a")).add_split(MySplit()).add_preprocess(MyPreprocess()),
        DataPipeline("d").add_data(MyData(path="a")),
        BatchInferencePipeline("b").add_data(MyData(path="a")).add_inferrer(MyInferrer(model="m")),
        EvaluationPipeline("e").add_data(MyData(path="a")).add_evaluator(MyEvaluator()),
        CustomPipeline("c").add_step("x", Custom()),
    ]
    made[0] = made[0].add_trainer(MyTrainer())
    for pipeline in made:
        path = pipeline.trigger(on=["manual"]).register(repository)

        assert type(pipeline).from_file(path).to_file() == read(path.read_bytes(), path.as_posix())
        assert write(pipeline.to_file()) == path.read_text()


def test_a_file_of_another_kind_is_refused(repository, refusal) -> None:
    """Naming both kinds."""
    path = DataPipeline("d").add_data(MyData(path="a")).register(repository)

    assert refusal(TrainingPipeline.from_file, path) == f"'{path}' holds a pipeline of kind 'data', not 'training'"


def test_a_copy_has_a_name_of_its_own(refusal) -> None:
    """And does not change with the one that it came from."""
    pipeline = DataPipeline("d").add_data(MyData(path="a"))

    copied = pipeline.copy("d-2")
    pipeline.add_split(MySplit())

    assert (copied.name, list(copied.steps)) == ("d-2", ["data"])
    assert refusal(pipeline.copy, "d") == "the copy of 'd' needs a name of its own\nhint: such as 'd-2'"
