"""A pipeline run from its plan, read back with nothing but ML Metadata's client and TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import COMMIT, Bench, Ran
from zenrepo.runs.plan import PlannedStep
from zenrepo.runs.watching.progress import progress

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
NODES = ["data", "split", "statistics", "schema", "preprocess", "trainer", "evaluator", "deployer"]


@pytest.fixture(scope="module")
def store(first: Ran, second: Ran) -> Any:
    """ML Metadata, after both runs."""
    from ml_metadata import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = first.plan.metadata_store
    return metadata_store.MetadataStore(config)


def examples(folder: Path) -> Iterator[Any]:
    """Read the examples of a split as anyone would."""
    import tensorflow as tf

    files = [str(file) for file in sorted(folder.iterdir())]
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP"):
        yield tf.train.Example.FromString(record.numpy())


def test_every_node_completes_in_order(first: Ran) -> None:
    """The steps run in the pipeline's order, with TFX's statistics and schema after the split."""
    complete = [e["step"] for e in first.events if e.get("state") == "complete" and e["event"] == "step"]

    assert complete == NODES


def test_the_run_says_where_its_time_went(first: Ran) -> None:
    """The parts of a run sum to its seconds."""
    end = first.events[-1]

    assert sum(end["parts"].values()) == pytest.approx(end["seconds"], abs=0.1)


def test_whoever_followed_saw_how_many_rows_were_read(first: Ran) -> None:
    """TFX's own pipelines count, too: statistics read all rows, Transform those that it analyzes and then all."""
    splits = first.step("split")["facts"]["splits"]
    last = {name: progress(Path(first.plan.folder), name) or {} for name in NODES[:7] if name != "schema"}

    assert {name: (said["done"], said["unit"]) for name, said in last.items() if name not in ("data", "trainer")} == {
        "split": (569, "rows"),
        "statistics": (569, "rows read"),
        "preprocess": (569 + splits["train"], "rows read"),
        "evaluator": (splits["eval"], "rows read"),
    }
    assert all(said["total"] in (said["done"], None) for name, said in last.items() if name != "trainer")


def test_rows_add_up(first: Ran) -> None:
    """What went in is what was split is what was transformed: 569 rows."""
    data = Path(first.artifact("data", "examples")["uri"])
    split = Path(first.artifact("split", "examples")["uri"])
    transformed = Path(first.artifact("preprocess", "transformed_examples")["uri"])
    counts = {
        folder: sum(1 for _ in examples(folder))
        for folder in (*data.glob("Split-*"), *split.glob("Split-*"), *transformed.glob("Split-*"))
    }

    assert counts[data / "Split-data"] == 569
    assert counts[split / "Split-train"] + counts[split / "Split-eval"] == 569
    assert counts[transformed / "Split-train"] == counts[split / "Split-train"]
    assert counts[transformed / "Split-eval"] == counts[split / "Split-eval"]
    assert first.step("split")["facts"]["splits"]["train"] == counts[split / "Split-train"]


def test_examples_hold_what_the_source_did(first: Ran) -> None:
    """Each example has the source's 31 features, with its values as 32-bit floats and 64-bit integers."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    folder = Path(first.artifact("data", "examples")["uri"], "Split-data")
    found = {round(e.features.feature["mean radius"].float_list.value[0], 3): e for e in examples(folder)}
    example = found[round(float(table.data[0, 0]), 3)]

    assert len(example.features.feature) == 31
    assert example.features.feature["target"].int64_list.value[0] == table.target[0]
    assert first.step("data")["facts"]["types"]["mean radius"] == "float"


def test_files_are_named_as_tfx_names_them(first: Ran) -> None:
    """Files of examples say which of how many they are."""
    folder = Path(first.artifact("data", "examples")["uri"], "Split-data")

    assert [file.name for file in sorted(folder.iterdir())] == ["data_tfrecord-00000-of-00001.gz"]


def test_numeric_features_are_scaled(first: Ran) -> None:
    """Over the training split each feature has mean 0 and variance 1; the one that the custom step drops is gone."""
    import numpy as np

    folder = Path(first.artifact("preprocess", "transformed_examples")["uri"], "Split-train")
    found = [e.features.feature for e in examples(folder)]
    radius = np.array([f["mean radius"].float_list.value[0] for f in found])

    assert radius.mean() == pytest.approx(0, abs=1e-4)
    assert radius.var() == pytest.approx(1, abs=1e-4)
    assert "mean area" not in found[0]


def test_a_steps_own_facts_are_reported(first: Ran) -> None:
    """What a custom step puts into its facts stands beside what the runner found."""
    assert first.step("data")["facts"]["source"] == "scikit-learn"
    assert first.step("trainer")["facts"]["problem"] == "binary"


def test_the_second_run_is_cached_whole(second: Ran) -> None:
    """Another commit that changes no step re-uses every artifact, facts included."""
    assert second.status == 0
    assert second.states == dict.fromkeys(NODES, "cached")
    assert second.step("data")["facts"]["rows"] == 569


def test_a_cached_run_is_quick(second: Ran) -> None:
    """A run that is cached whole starts no performer and takes seconds."""
    assert second.events[-1]["seconds"] < 6
    assert second.events[-1]["parts"]["work"] == 0


def test_executions_say_what_ran(store: Any, first: Ran) -> None:
    """Each execution has step type, code digest, commit, pipeline and run among its custom properties."""
    [execution] = store.get_executions_by_id([first.step("trainer")["execution"]])
    properties = {name: value.string_value for name, value in execution.custom_properties.items()}

    assert properties["step_type"] == "zenrepo.steps.KerasFeedForwardTrainer"
    assert properties["commit"] == COMMIT
    assert properties["run"] == first.plan.run
    assert properties["pipeline"] == "cancer"
    assert len(properties["code_digest"]) == 64


def test_lineage_leads_from_the_deployed_model_to_all_its_commits(store: Any, second: Ran) -> None:
    """From the deployed model alone, ML Metadata gives the commits that made it and that re-used it."""
    [model] = [
        a
        for a in store.get_artifacts_by_type("PushedModel")
        if a.id == second.artifact("deployer", "pushed_model")["id"]
    ]
    executions = {e.execution_id for e in store.get_events_by_artifact_ids([model.id])}
    contexts = [c for e in executions for c in store.get_contexts_by_execution(e)]

    assert {c.name for c in contexts if c.type == "zenrepo.commit"} == {COMMIT, "d" * 40}


def test_a_captured_working_tree_is_told_from_a_commit(store: Any, first: Ran, second: Ran) -> None:
    """By what it was changed from, on its run, on each execution and so in the lineage of what it made."""
    from zenrepo.metadata.read import MetadataReader

    contexts = [store.get_context_by_type_and_name("pipeline_run", ran.plan.run) for ran in (first, second)]
    reader = MetadataReader(Path(second.plan.metadata_store))
    graph = reader.upstream([second.artifact("deployer", "pushed_model")["id"]])

    assert [context.custom_properties["captured"].string_value for context in contexts] == ["", COMMIT]
    assert {(e.commit, e.captured) for e in graph.executions.values()} == {(COMMIT, ""), ("d" * 40, COMMIT)}


def test_the_runs_context_names_commit_and_tree(store: Any, first: Ran) -> None:
    """TFX's context of a run says which commit, tree and pipeline file it was."""
    context = store.get_context_by_type_and_name("pipeline_run", first.plan.run)

    assert context.custom_properties["commit"].string_value == COMMIT
    assert context.custom_properties["tree"].string_value == "a" * 40
    assert context.custom_properties["pipeline_digest"].string_value == first.plan.pipeline_digest


def test_metrics_are_in_ml_metadata(store: Any, first: Ran) -> None:
    """What the evaluator measured stands on its artifact, and in the report."""
    [evaluation] = store.get_artifacts_by_id([first.artifact("evaluator", "evaluation")["id"]])
    metrics = first.step("evaluator")["facts"]["metrics"]

    assert evaluation.custom_properties["auc"].double_value == pytest.approx(metrics["auc"], abs=1e-4)
    assert metrics["auc"] > 0.95


def test_the_deployed_model_predicts_as_the_trained_one(first: Ran) -> None:
    """Served on raw examples or on plain features, the model gives what it gave on the transformed ones."""
    import numpy as np
    import tensorflow as tf

    served = tf.saved_model.load(first.step("deployer")["facts"]["destination"])
    trained = tf.saved_model.load(str(Path(first.artifact("trainer", "model")["uri"], "Format-Serving")))
    raw = list(examples(Path(first.artifact("split", "examples")["uri"], "Split-eval")))
    serialized = tf.constant([e.SerializeToString() for e in raw])
    names = served.signatures["serving_features"].structured_input_signature[1]
    plain = {n: tf.constant([e.features.feature[n.replace("_", " ")].float_list.value[0] for e in raw]) for n in names}

    served_raw = served.signatures["serving_default"](examples=serialized)["predictions"].numpy()
    served_plain = served.signatures["serving_features"](**plain)["predictions"].numpy()
    trained_raw = trained.signatures["serving_default"](examples=serialized)["predictions"].numpy()
    labels = np.array([[e.features.feature["target"].int64_list.value[0]] for e in raw])

    assert served_raw == pytest.approx(trained_raw)
    assert served_plain == pytest.approx(served_raw)
    accuracy = ((served_raw > 0.5) == labels).mean()
    assert accuracy == pytest.approx(first.step("evaluator")["facts"]["metrics"]["binary_accuracy"])
    assert accuracy == pytest.approx(first.step("trainer")["facts"]["val_accuracy"], abs=1e-4)


def test_a_changed_trainer_runs_again_with_what_follows(
    bench: Bench, cancer: list[PlannedStep], first: Ran, second: Ran
) -> None:
    """Another code digest of one step re-uses what is before it; a missed threshold keeps the model from deployment."""
    data, split, preprocess, trainer, evaluator, deployer = cancer
    changed = replace(trainer, code_digest="f" * 64, args={"label": "target", "epochs": 1, "hidden_layers": []})
    strict = replace(evaluator, args={"label": "target", "thresholds": {"auc": 0.999999}})
    ran = bench.run(bench.plan(data, split, preprocess, changed, strict, deployer))

    assert [name for name, state in ran.states.items() if state == "complete"] == ["trainer", "evaluator", "deployer"]
    assert ran.states["preprocess"] == "cached"
    assert ran.step("evaluator")["facts"]["unmet"][0].startswith("auc is 0.")
    assert ran.step("deployer")["facts"]["deployed"] is False
    assert len(list((bench.repository / "serving/cancer").iterdir())) == 1


def test_a_damaged_artifact_is_made_again(bench: Bench, cancer: list[PlannedStep], second: Ran) -> None:
    """What the cache would re-use, but is not as it was written, is not re-used."""
    [file] = Path(second.artifact("schema", "schema")["uri"]).iterdir()
    file.unlink()
    ran = bench.run(bench.plan(*cancer[:2]))

    assert ran.states == {"data": "cached", "split": "cached", "statistics": "cached", "schema": "complete"}


def test_a_regression_without_an_evaluator_is_deployed(bench: Bench, cancer: list[PlannedStep], second: Ran) -> None:
    """A label of many values is a regression; with no evaluator nothing keeps the model from deployment."""
    label = {"label": "mean radius"}
    steps = [replace(cancer[2], type="zenrepo.steps.StandardPreprocess", args=label), replace(cancer[3], args=label)]
    deployer = replace(cancer[5], args={"path": "serving/radius"})
    ran = bench.run(bench.plan(*cancer[:2], *steps, deployer))

    assert ran.step("trainer")["facts"]["problem"] == "regression"
    assert ran.step("deployer")["facts"]["deployed"] is True
    assert Path(ran.step("deployer")["facts"]["destination"], "saved_model.pb").exists()


def test_the_report_is_json_lines(first: Ran) -> None:
    """A run begins with its steps and ends with its state."""
    assert [s["name"] for s in first.events[0]["steps"]] == NODES
    assert first.events[-1]["state"] == "complete"
    assert json.dumps(first.events)
