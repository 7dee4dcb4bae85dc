"""What a pipeline shows after it really ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repo.conftest import TEA, Tea
from zenrepo.errors import UsageError
from zenrepo.pipelines import TrainingPipeline
from zenrepo.runs.journal import COMPLETE

pytestmark = pytest.mark.heavy


@pytest.fixture
def pipeline(tea_ran: Tea) -> TrainingPipeline:
    """The pipeline as it stands in the repository now."""
    found = tea_ran.repo.get_pipeline_by_name(TEA)
    assert isinstance(found, TrainingPipeline)
    return found


def test_runs_are_those_of_the_pipeline(tea_ran: Tea, pipeline: TrainingPipeline) -> None:
    """Newest first, and the status is that of the newest."""
    assert [run.number for run in pipeline.runs()] == [tea_ran.second.number, tea_ran.first.number]
    assert pipeline.get_status() == COMPLETE


def test_hyperparameters_are_those_that_were_executed(tea_ran: Tea, pipeline: TrainingPipeline) -> None:
    """Of the newest run, or of the one that is named, whatever the file says now."""
    assert pipeline.get_hyperparameters()["trainer"] == {"label": "bitter", "epochs": 2, "hidden_layers": [4]}
    assert pipeline.get_hyperparameters(run=tea_ran.first.number)["trainer"]["epochs"] == 1
    assert pipeline.get_hyperparameters(run=tea_ran.first) == pipeline.get_hyperparameters(run=tea_ran.first.number)


def test_artifacts_are_where_they_are_said_to_be(pipeline: TrainingPipeline) -> None:
    """By step and output, those of nodes between the steps too."""
    found = pipeline.artifacts()

    assert {"data", "split", "statistics", "schema", "preprocess", "trainer", "evaluator"} <= set(found)
    assert all(Path(uri).is_dir() for made in found.values() for uri in made.values())


def test_a_step_that_was_not_executed_again_shows_what_it_made_before(tea_ran: Tea, pipeline: TrainingPipeline) -> None:
    """The epochs are the trainer's affair alone."""
    first, second = pipeline.artifacts(run=tea_ran.first), pipeline.artifacts(run=tea_ran.second)

    assert first["preprocess"] == second["preprocess"]
    assert first["trainer"] != second["trainer"]


def test_the_schema_says_type_presence_and_domain(pipeline: TrainingPipeline) -> None:
    """As plain values, and as a table."""
    schema = pipeline.view_schema()

    assert schema["kind"].type == "string"
    assert schema["kind"].presence == 1.0
    assert schema["kind"].domain == ["black", "green", "rooibos"]
    assert schema["minutes"].type == "int"
    assert schema["degrees"].presence < 1.0
    assert str(schema).splitlines()[0].split() == ["feature", "type", "presence", "values", "domain"]


def test_statistics_are_those_of_the_table(pipeline: TrainingPipeline) -> None:
    """By split and feature: 100 cups in spring, 150 in autumn."""
    statistics = pipeline.view_statistics()

    minutes, kind, degrees = (statistics["train"][name] for name in ("minutes", "kind", "degrees"))
    assert list(statistics) == ["train", "eval"]
    assert (minutes.count, minutes.missing, minutes.min, minutes.max, minutes.mean) == (100, 0, 1, 10, 5.5)
    assert minutes.std == pytest.approx(2.8722813)
    assert (degrees.count + degrees.missing, degrees.missing) == (100, 11)
    assert (kind.unique, sorted(kind.top or [])) == (2, [("black", 50), ("green", 50)])
    assert statistics["eval"]["kind"].count == 150
    assert "rooibos (50)" in str(statistics)


def test_the_page_of_statistics_is_written(pipeline: TrainingPipeline, tmp_path: Path) -> None:
    """TFDV's own, one split beside the other."""
    pipeline.view_statistics(html=tmp_path / "new" / "page.html")

    assert [file.name for file in (tmp_path / "new").iterdir()] == ["page.html"]
    assert "<h2>train and eval</h2>" in (tmp_path / "new" / "page.html").read_text()
    assert "facets-overview" in (tmp_path / "new" / "page.html").read_text()


def test_anomalies_are_found_against_the_schema_of_train(pipeline: TrainingPipeline) -> None:
    """Autumn has a kind that spring does not; spring agrees with itself."""
    anomalies = pipeline.view_anomalies()

    assert anomalies["train"] == {}
    assert {"kind", "season"} == set(anomalies["eval"])
    assert "rooibos" in anomalies["eval"]["kind"].description
    assert anomalies["eval"]["kind"].severity == "error"
    assert anomalies.found
    assert "rooibos" in str(anomalies)


def test_the_evaluation_has_the_metrics_of_each_slice(pipeline: TrainingPipeline) -> None:
    """Those that the evaluator measured, and they are those of the run's report."""
    evaluation = pipeline.evaluate()

    assert evaluation.split == "eval"
    assert set(evaluation.metrics) == {"accuracy", "roc_auc"}
    assert [of for of, _ in evaluation.slices] == [{"kind": "black"}, {"kind": "green"}, {"kind": "rooibos"}]
    assert sum(own["accuracy"] for _, own in evaluation.slices) / 3 == pytest.approx(evaluation.metrics["accuracy"])
    assert "kind=rooibos" in str(evaluation)


def test_transformed_data_are_what_the_trainer_saw(pipeline: TrainingPipeline) -> None:
    """Rows of plain values, as many as asked for, of the split that is asked for."""
    rows = pipeline.sample_transformed_data(n=3, split="eval")

    assert len(rows) == 3
    assert {"minutes", "degrees", "kind", "bitter"} <= set(rows[0])
    assert "season" not in rows[0]
    assert all(isinstance(row["minutes"], float) for row in rows)
    assert len(pipeline.sample_transformed_data(n=1000)) == 100


def test_an_unknown_split_is_named(pipeline: TrainingPipeline) -> None:
    """With those that there are."""
    with pytest.raises(UsageError, match="there is no split 'evall'\nhint: did you mean 'eval'"):
        pipeline.sample_transformed_data(split="evall")


def test_the_model_works_where_it_was_downloaded_to(pipeline: TrainingPipeline, tmp_path: Path) -> None:
    """It is whole, and the same as in the store."""
    folder = pipeline.download_model(tmp_path / "deep" / "model")

    import tensorflow as tf

    stored = Path(pipeline.get_model_uri())
    assert {p.relative_to(folder) for p in folder.rglob("*")} == {p.relative_to(stored) for p in stored.rglob("*")}
    assert "serving_default" in tf.saved_model.load(str(folder)).signatures
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_training_runs_are_compared_by_what_differs(tea_ran: Tea) -> None:
    """The epochs, and the metrics that came of them."""
    comparison = tea_ran.repo.compare_training_runs()

    assert [run.number for run in comparison] == [tea_ran.second.number, tea_ran.first.number]
    assert str(comparison).splitlines()[0].split() == [
        "run",
        "pipeline",
        "commit",
        "trainer.epochs",
        "accuracy",
        "roc_auc",
    ]
    measured = tea_ran.repo.get_pipeline_by_name(TEA).evaluate().metrics
    assert comparison[0].metrics == pytest.approx(measured, rel=1e-5)
    epochs = tea_ran.repo.get_hyperparameters()["trainer.epochs"]
    assert epochs == {tea_ran.first.number: 1, tea_ran.second.number: 2}


def test_what_ran_stays_as_it_is(pipeline: TrainingPipeline) -> None:
    """A copy may be changed."""
    with pytest.raises(UsageError, match=r"'tea' has run already, last as run \d+, and stays as it is\nhint: .*copy\("):
        pipeline.trigger(on=["commit"])

    assert pipeline.copy("tea-2").trigger(on=["commit"]).name == "tea-2"
