"""Models beyond the run that trained them: compared to, deployed, rolled back, measured and asked again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import COMMIT, Bench, Ran, step
from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.answers.deployments import deployments, rollback
from zenrepo.layout import Layout
from zenrepo.runs.plan import PlannedStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
PLACE = "serving/checked"
PIPELINE = "checked"
"""A pipeline whose models no other test blesses."""
NO_WORSE = {"auc": {"at_least": 0.9, "change_at_least": -0.05}}
STEPS = '''
from zenrepo.steps import EvaluatorStep


class Counting(EvaluatorStep):
    """Measures any folder in its own way."""

    def __init__(self, *, thresholds=None, baseline=None, model=None):
        super().__init__(thresholds=thresholds, baseline=baseline, model=model)
        self.thresholds = thresholds or {}

    def evaluate(self, evaluation):
        import os

        rows = sum(batch.num_rows for batch in evaluation.batches())
        evaluation.measure_slice({"folder": "all"}, {"files": 1})
        return {"rows": rows, "files": sum(len(files) for _, _, files in os.walk(evaluation.model))}

'''


@pytest.fixture(scope="module")
def layout(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The bench's repository as look-ups see it."""
    (bench.checkout / "steps/beyond.py").write_text(STEPS)
    private = tmp_path_factory.mktemp("git")
    (private / "zenml").mkdir()
    (private / "zenml/metadata.db").symlink_to(bench.root / "metadata.db")
    (bench.repository / ".zenml").mkdir(parents=True, exist_ok=True)
    (bench.repository / ".zenml/config.yaml").write_text("version: 1\n")
    return Layout(bench.repository, private)


@pytest.fixture(scope="module")
def steps(cancer: list[PlannedStep]) -> list[PlannedStep]:
    """The pipeline, with an evaluator that compares and a place of its own to deploy to."""
    evaluator = step("evaluator", "zenrepo.steps.TFMAEvaluator", label="target", thresholds=NO_WORSE, slices=["target"])
    return [*cancer[:4], evaluator, step("deployer", "zenrepo.steps.FolderDeployer", path=PLACE)]


@pytest.fixture(scope="module")
def old(bench: Bench, steps: list[PlannedStep], layout: Layout) -> Ran:
    """The first run of the pipeline."""
    return bench.run(bench.plan(*steps, pipeline=PIPELINE))


@pytest.fixture(scope="module")
def new(bench: Bench, steps: list[PlannedStep], old: Ran) -> Ran:
    """A run of another trainer, at another commit."""
    trainer = replace(steps[3], code_digest="e" * 64, args={"label": "target", "seed": 1})
    return bench.run(bench.plan(*steps[:3], trainer, *steps[4:], pipeline=PIPELINE, commit="e" * 40))


@pytest.fixture(scope="module")
def predicted(bench: Bench, cancer: list[PlannedStep], new: Ran) -> Ran:
    """A run that has the deployed model predict all rows, without a split."""
    inferrer = step("inferrer", "zenrepo.steps.BatchInferrer", model=PLACE, keep=["mean radius"])
    return bench.run(bench.plan(cancer[0], inferrer, pipeline=PIPELINE))


def examples(folder: Path) -> Iterator[Any]:
    """Read the features of a split's examples as anyone would."""
    import tensorflow as tf

    for record in tf.data.TFRecordDataset(sorted(map(str, folder.iterdir())), "GZIP"):
        yield tf.train.Example.FromString(record.numpy()).features.feature


def failure(ran: Ran) -> tuple[str, str]:
    """What a run failed with, and the hint."""
    [error] = [e["error"] for e in ran.events if e.get("error")]
    return str(error["message"]), str(error["hint"])


def test_the_first_model_is_blessed_by_its_values_alone(old: Ran) -> None:
    """Without a model to compare to no change counts, and the run says so."""
    facts = old.step("evaluator")["facts"]

    assert facts["blessed"] is True
    assert facts["baseline"].startswith("none yet")
    assert old.step("deployer")["facts"]["deployed"] is True


def test_a_model_is_compared_to_the_last_blessed_one(new: Ran, old: Ran) -> None:
    """The run names the other model's run and commit, and how each metric changed."""
    facts = new.step("evaluator")["facts"]

    assert facts["baseline"] == {"run": old.plan.run, "commit": COMMIT[:12]}
    before = old.step("evaluator")["facts"]["metrics"]["auc"]
    assert facts["change"]["auc"] == pytest.approx(facts["metrics"]["auc"] - before, abs=1e-4)


def test_the_report_has_slices_and_baseline(new: Ran) -> None:
    """The artifact's file holds what the listing is too short for."""
    report = json.loads(Path(new.artifact("evaluator", "evaluation")["uri"], "metrics.json").read_text())

    assert report["baseline"].keys() == report["metrics"].keys()
    assert sorted(s["slice"]["target"] for s in report["slices"]) == [0, 1]


def test_comparing_does_not_keep_a_run_from_the_cache(bench: Bench, new: Ran) -> None:
    """The same model compared to the same one is not measured again."""
    ran = bench.run(replace(new.plan, run="run-same", folder=str(bench.root / "runs/run-same")))

    assert set(ran.states.values()) == {"cached"}


def test_deployments_say_what_serves_where(layout: Layout, old: Ran, new: Ran) -> None:
    """The newest comes first, with the run and the commit that made it."""
    found = deployments(layout, PLACE)

    assert [d.run for d in found] == [new.plan.run, old.plan.run]
    assert [d.commit for d in found] == ["e" * 40, COMMIT]
    assert found[0].version == new.step("deployer")["facts"]["version"] > found[1].version
    assert found[0].destination == str(layout.root / PLACE / str(found[0].version))


def test_a_destination_that_is_not_there_is_refused_with_what_is_near(layout: Layout, new: Ran) -> None:
    """The hint has the place that was meant."""
    with pytest.raises(UnknownName) as raised:
        deployments(layout, "serving/chekced")

    assert raised.value.hint.startswith("did you mean 'serving/checked'")


def test_predictions_are_those_of_the_deployed_model(predicted: Ran, new: Ran) -> None:
    """Each row has its prediction, in the order of the rows, beside the feature that is kept."""
    import numpy as np
    import tensorflow as tf

    model = tf.saved_model.load(new.step("deployer")["facts"]["destination"])
    rows = list(examples(Path(predicted.artifact("data", "examples")["uri"], "Split-data")))
    said = list(examples(Path(predicted.artifact("inferrer", "predictions")["uri"], "Split-data")))
    serialized = [tf.train.Example(features=tf.train.Features(feature=row)).SerializeToString() for row in rows]
    expected = model.signatures["serving_default"](examples=tf.constant(serialized))["predictions"].numpy().ravel()

    assert [set(s) for s in said] == [{"mean radius", "predictions"}] * 569
    assert [s["mean radius"].float_list.value[0] for s in said] == [r["mean radius"].float_list.value[0] for r in rows]
    assert np.array([s["predictions"].float_list.value[0] for s in said]) == pytest.approx(expected, abs=1e-6)
    facts = predicted.step("inferrer")["facts"]
    assert facts["rows"] == 569
    assert facts["predictions"]["mean"] == pytest.approx(expected.mean(), abs=1e-4)


def test_lineage_leads_from_predictions_to_the_commit_of_the_training(predicted: Ran) -> None:
    """From the predictions alone, ML Metadata gives the commit that trained the model."""
    from zenrepo.metadata.read import MetadataReader

    artifact = predicted.artifact("inferrer", "predictions")["id"]
    graph = MetadataReader(Path(predicted.plan.metadata_store)).upstream([artifact])
    commits = {e.step: e.commit for e in graph.upstream([artifact])}

    assert commits["trainer"] == "e" * 40
    assert commits["inferrer"] == COMMIT
    assert predicted.step("model")["facts"]["commit"] == "e" * 12


def test_another_model_predicts_anew(bench: Bench, cancer: list[PlannedStep], predicted: Ran, old: Ran) -> None:
    """The model is part of the cache key; one version of a destination may be named."""
    version = old.step("deployer")["facts"]["version"]
    inferrer = step("inferrer", "zenrepo.steps.BatchInferrer", model=f"{PLACE}/{version}", keep=["mean radius"])
    ran = bench.run(bench.plan(cancer[0], inferrer, pipeline=PIPELINE))

    assert ran.states["data"] == "cached"
    assert ran.states["inferrer"] == "complete"
    assert ran.step("model")["facts"]["run"] == old.plan.run


def test_a_pipelines_model_is_measured_in_an_evaluators_own_way(
    bench: Bench, cancer: list[PlannedStep], old: Ran, new: Ran
) -> None:
    """A custom evaluator stands without a trainer, on the split ``eval``, and is called again for the baseline."""
    thresholds = {"files": {"change_at_most": 0, "at_least": 1}}
    models = {"model": f"pipeline:{PIPELINE}", "baseline": old.plan.run.replace("-", ":")}
    evaluator = step("evaluator", "steps.beyond.Counting", **models, thresholds=thresholds)
    ran = bench.run(bench.plan(*cancer[:2], evaluator, pipeline=PIPELINE))
    facts = ran.step("evaluator")["facts"]

    assert facts["metrics"]["rows"] == ran.step("split")["facts"]["splits"]["eval"]
    assert facts["change"] == {"rows": 0, "files": 0}
    assert facts["blessed"] is True
    assert ran.step("model")["facts"]["run"] == new.plan.run


def test_a_folder_from_elsewhere_is_measured_and_kept(bench: Bench, cancer: list[PlannedStep], new: Ran) -> None:
    """A SavedModel that no run made is copied, so that what was measured stays as it was."""
    elsewhere = bench.repository / "models/theirs"
    shutil.copytree(new.step("deployer")["facts"]["destination"], elsewhere)
    evaluator = step("evaluator", "zenrepo.steps.ResultsEvaluator", label="target", model="models/theirs")
    ran = bench.run(bench.plan(*cancer[:2], evaluator, pipeline=PIPELINE))
    shutil.rmtree(elsewhere)

    accuracy = ran.step("evaluator")["facts"]["metrics"]["accuracy"]
    assert accuracy == pytest.approx(new.step("evaluator")["facts"]["metrics"]["binary_accuracy"], abs=1e-5)
    assert Path(ran.artifact("model", "model")["uri"], "Format-Serving/saved_model.pb").exists()


@pytest.mark.parametrize(
    ("model", "problem", "cure"),
    [
        ("serving/chekced", "names the model 'serving/chekced', which is not there", "did you mean 'serving/checked'"),
        ("pipeline:chekced", "no pipeline 'chekced' ever ran here", "did you mean 'checked'"),
        ("run:4711", "there is no run '4711'", "'zenrepo runs' lists them"),
    ],
)
def test_a_model_that_is_not_there_stops_the_run_before_it_begins(
    bench: Bench, cancer: list[PlannedStep], new: Ran, model: str, problem: str, cure: str
) -> None:
    """The error names it, the hint what was meant."""
    ran = bench.run(
        bench.plan(cancer[0], step("inferrer", "zenrepo.steps.BatchInferrer", model=model), pipeline=PIPELINE)
    )

    assert problem in failure(ran)[0]
    assert failure(ran)[1].startswith(cure)
    assert ran.states == {}


def test_a_rollback_puts_the_earlier_model_back_and_holds(
    bench: Bench, layout: Layout, old: Ran, new: Ran, predicted: Ran
) -> None:
    """It serves under a new number, the other stays, and a run does not deploy that one again until it is put back."""
    before, after = (ran.step("deployer")["facts"]["version"] for ran in (old, new))
    back = rollback(layout, PLACE)
    folder = layout.root / PLACE
    listed = [(d.version, d.rolled_back, d.restored) for d in deployments(layout, PLACE)]
    again = bench.run(replace(new.plan, run="run-again", folder=str(bench.root / "runs/run-again")))
    asked = bench.run(replace(predicted.plan, run="run-asked", folder=str(bench.root / "runs/run-asked")))

    assert listed == [(back.version, False, before), (after, True, 0), (before, False, 0)]
    assert sorted(int(entry.name) for entry in folder.iterdir()) == [before, after, back.version]
    served, first = (folder / str(version) / "saved_model.pb" for version in (back.version, before))
    assert served.read_bytes() == first.read_bytes()
    assert again.step("deployer")["facts"]["deployed"] is False
    assert f"as version {after}" in again.step("deployer")["facts"]["reason"]
    assert asked.step("model")["facts"]["run"] == old.plan.run
    with pytest.raises(UsageError, match=f"no version was deployed to .* before version {before}"):
        rollback(layout, PLACE)
    with pytest.raises(UsageError, match="there is no version 7"):
        rollback(layout, PLACE, to=7)

    forth = rollback(layout, PLACE, to=after)

    assert forth.restored == after
    assert deployments(layout, PLACE)[0].version == forth.version == max(int(e.name) for e in folder.iterdir())
