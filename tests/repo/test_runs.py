"""Runs as a pipeline and the repository tell of them, without TFX."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.repo.conftest import TEA, MadeUp, tea
from zenrepo.backends import LocalOrchestrator
from zenrepo.errors import DirtyTreeRefused, RunFailed, UnknownName, UsageError, ZenrepoError
from zenrepo.layout import Layout
from zenrepo.pipelines import TrainingPipeline
from zenrepo.runs.journal import COMPLETE, FAILED, INTERRUPTED, QUEUED, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.steps import FolderDeployer

ODD = """\
version: 1
name: odd
kind: custom
trigger:
  on: [manual]
steps:
  first:
    type: steps.gone.First
"""


@pytest.fixture
def pipeline(made_up: MadeUp) -> TrainingPipeline:
    """The pipeline as it stands in the repository, which is not the current folder."""
    found = made_up.repo.get_pipeline_by_name(TEA)
    assert isinstance(found, TrainingPipeline)
    return found


def queue(layout: Layout) -> Run:
    """Queue a run that nobody executes."""
    with Journal(layout.runs_db) as journal:
        return journal.add(TEA, "c" * 40, layout.root, "asked for")


def test_a_pipeline_that_never_ran_says_so(pipeline: TrainingPipeline, made_up: MadeUp) -> None:
    """And looking leaves no journal behind."""
    assert pipeline.get_status() == "not run"
    assert pipeline.runs() == []
    assert not made_up.repo.layout.runs_db.exists()


@pytest.mark.parametrize("state", [COMPLETE, FAILED, INTERRUPTED])
def test_the_status_is_that_of_the_newest_run(made_up: MadeUp, pipeline: TrainingPipeline, state: str) -> None:
    """Whatever came of those before."""
    made_up.run(state=FAILED)
    made_up.run(state=state)

    assert pipeline.get_status() == state


def test_a_queued_run_is_the_status(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """And it has nothing to show."""
    run = queue(made_up.repo.layout)

    assert pipeline.get_status() == QUEUED
    with pytest.raises(UsageError, match="run 1 of 'tea' has not begun"):
        pipeline.artifacts(run=run)


def test_a_run_whose_worker_died_does_not_run_for_ever(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """It was interrupted, and the pipeline may run again."""
    queue(made_up.repo.layout)
    with Journal(made_up.repo.layout.runs_db) as journal:
        journal.take()

    assert pipeline.get_status() == INTERRUPTED


def test_the_newest_complete_run_is_looked_at(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """Not one that failed after it."""
    made_up.run(args={"epochs": 1})
    made_up.run(args={"epochs": 2})
    made_up.run(args={"epochs": 3}, state=FAILED)

    assert pipeline.get_hyperparameters()["trainer"] == {"epochs": 2}
    assert pipeline.get_hyperparameters(run=3)["trainer"] == {"epochs": 3}


def test_dates_and_classes_among_hyperparameters_are_plain(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """A date is one, a class is named."""
    args = {"since": {"!date": "2024-05-01"}, "net": [{"!class": "steps.mine.Net"}], "map": {"a": 1}}
    made_up.run(args=args)

    assert pipeline.get_hyperparameters()["trainer"] == {
        "since": date(2024, 5, 1),
        "net": ["steps.mine.Net"],
        "map": {"a": 1},
    }


def test_without_a_complete_run_the_newest_is_named(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """And what its steps did make can be had by its number."""
    made_up.run(state=FAILED)

    with pytest.raises(RunFailed, match=r"no run of 'tea' is complete; the newest, 1, is failed\nhint: .*run=1"):
        pipeline.artifacts()
    assert set(pipeline.artifacts(run=1)) == {"data", "trainer", "evaluator"}


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (7, "there is no run 7\nhint: 'tea' has the runs 1"),
        (2, "run 2 is of 'coffee', not of 'tea'\nhint: 'tea' has the runs 1"),
        ("1", "'1' is no run\nhint: give its number"),
        (True, "True is no run\nhint: give its number"),
    ],
)
def test_a_run_that_is_none_is_refused(made_up: MadeUp, pipeline: TrainingPipeline, run: object, message: str) -> None:
    """With what is there."""
    made_up.run()
    made_up.run("coffee")

    with pytest.raises(UsageError, match=message):
        pipeline.get_hyperparameters(run=run)  # type: ignore[arg-type]


def test_what_no_step_made_is_named_with_the_step_that_would(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """And with the steps that there are."""
    made_up.run(kinds=("data", "split"))

    for look, message in (
        (pipeline.get_model_uri, "made no model: that takes a trainer"),
        (pipeline.evaluate, "made no evaluation: that takes an evaluator"),
        (pipeline.sample_transformed_data, "made no transformed_examples: that takes a preprocess step"),
        (pipeline.view_schema, "made no schema"),
    ):
        with pytest.raises(UsageError, match=f"run 1 of 'tea' {message}") as caught:
            look()
        assert caught.value.hint == "it is complete, and its steps are data, split"


def test_artifacts_that_are_gone_are_named(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """With the command that makes them again."""
    made_up.run()
    shutil.rmtree(Path(pipeline.artifacts()["trainer"]["model"]))

    with pytest.raises(ZenrepoError, match=r"the model .* is gone from .*\nhint: make it again: 'zenrepo run tea --at"):
        pipeline.get_model_uri()


def test_a_model_is_copied_whole_into_an_empty_folder(
    made_up: MadeUp, pipeline: TrainingPipeline, tmp_path: Path
) -> None:
    """Which may be there."""
    made_up.run()
    (tmp_path / "empty").mkdir()

    folder = pipeline.download_model(tmp_path / "empty")

    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        "saved_model.pb",
        "variables/variables.index",
    ]


def test_a_model_is_never_copied_over_something(made_up: MadeUp, pipeline: TrainingPipeline, tmp_path: Path) -> None:
    """Neither into a folder with something in it, nor over a file."""
    made_up.run()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()

    for target in (tmp_path / "full", tmp_path / "full" / "mine"):
        with pytest.raises(UsageError, match="name a folder that is not there yet"):
            pipeline.download_model(target)
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["mine"]


def test_a_model_that_cannot_be_read_leaves_nothing_behind(
    made_up: MadeUp, pipeline: TrainingPipeline, tmp_path: Path
) -> None:
    """Half a model would be taken for one."""
    made_up.run()
    (Path(pipeline.get_model_uri()) / "variables" / "variables.data").symlink_to("nowhere")

    with pytest.raises(ZenrepoError, match="the model cannot be copied"):
        pipeline.download_model(tmp_path / "out" / "model")
    assert list((tmp_path / "out").iterdir()) == []


def test_runs_are_compared_by_what_differs_and_what_was_measured(made_up: MadeUp) -> None:
    """Runs that failed, or trained and measured nothing, are left out; what is the same everywhere is not shown."""
    made_up.run(args={"epochs": 1, "label": "bitter"}, metrics={"auc": 0.75})
    made_up.run("coffee", args={"epochs": 2, "label": "bitter", "layers": [8, 4]}, metrics={"auc": 0.875, "loss": 0.5})
    made_up.run(args={"epochs": 3}, state=FAILED)
    made_up.run("beans", kinds=("data", "split"))

    comparison = made_up.repo.compare_training_runs()

    assert str(comparison) == (
        "run  pipeline  commit   trainer.epochs  trainer.layers  auc    loss\n"
        "2    coffee    ccccccc  2               [8, 4]          0.875  0.5\n"
        "1    tea       ccccccc  1               -               0.75"
    )
    assert [run.number for run in made_up.repo.compare_training_runs("tea")] == [1]
    assert made_up.repo.get_hyperparameters()["trainer.epochs"] == {2: 2, 1: 1}


def test_a_pipeline_without_a_trainer_is_compared_by_what_it_measured(made_up: MadeUp) -> None:
    """As one that evaluates a model from elsewhere."""
    made_up.run("judged", kinds=("data", "evaluator"), metrics={"auc": 0.75})
    made_up.run("judged", kinds=("data",))

    assert [run.metrics for run in made_up.repo.compare_training_runs("judged")] == [{"auc": 0.75}]


def test_named_runs_are_compared_the_best_first(made_up: MadeUp) -> None:
    """Of a grid, and of nothing else."""
    for epochs, auc in ((5, 0.7), (10, 0.9), (20, 0.8)):
        options = Options(settings={"steps.trainer.args.epochs": str(epochs)}, name=f"epochs={epochs}")
        made_up.run(args={"epochs": epochs}, metrics={"auc": auc}, options=options)
    made_up.run(args={"epochs": 1}, metrics={"auc": 1.0})

    comparison = made_up.repo.compare_training_runs("tea", name="epochs=*", sort="auc")

    assert str(comparison) == (
        "run  pipeline  commit   name       trainer.epochs  auc\n"
        "2    tea       ccccccc  epochs=10  10              0.9\n"
        "3    tea       ccccccc  epochs=20  20              0.8\n"
        "1    tea       ccccccc  epochs=5   5               0.7"
    )


def test_a_part_of_a_pipeline_is_not_taken_for_its_newest_result(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """Who asks for the model wants the newest there is; where there are parts alone, the newest of these is shown."""
    made_up.run(kinds=("data",), options=Options(last="data"))
    assert set(pipeline.artifacts()) == {"data"}

    made_up.run(args={"epochs": 2})
    made_up.run(kinds=("data",), options=Options(last="data"))

    assert pipeline.get_hyperparameters()["trainer"] == {"epochs": 2}


def test_runs_of_other_code_differ_and_runs_of_the_same_do_not(made_up: MadeUp) -> None:
    """Whatever commit the version was pinned to."""
    made_up.run(kinds=("trainer",), version="1")
    made_up.run(kinds=("trainer",), version="2")

    assert str(made_up.repo.compare_training_runs()).splitlines()[0].split() == ["run", "pipeline", "commit"]

    made_up.run(kinds=("trainer",), version="3", digest="f")

    assert made_up.repo.get_hyperparameters()["trainer"] == {
        3: "steps.mine.Trainer@333333333333",
        2: "steps.mine.Trainer@111111111111",
        1: "steps.mine.Trainer@111111111111",
    }


def test_no_runs_compare_to_nothing(made_up: MadeUp) -> None:
    """Which is no error."""
    assert list(made_up.repo.compare_training_runs()) == []
    assert str(made_up.repo.compare_training_runs()) == "run  pipeline  commit"


def test_a_pipeline_that_is_not_registered_cannot_run(made_up: MadeUp) -> None:
    """A run executes a commit: the message says what is still to do."""
    copied = made_up.repo.get_pipeline_by_name(TEA).copy("tea-2")

    with pytest.raises(UsageError, match=r"'tea-2' is not registered.*\nhint: register\(\) it and 'git add"):
        copied.run()
    copied.register()
    with pytest.raises(UsageError, match=r"no '.zenml/pipelines/tea-2.yaml' at commit .*\nhint: 'git add"):
        copied.run(dirty="ignore")
    assert made_up.repo.runs() == []


def test_a_pipeline_that_the_commit_says_otherwise_cannot_run(made_up: MadeUp) -> None:
    """What runs is what the commit says, so nobody is told that it was something else."""
    changed = tea(epochs=5)
    changed.register(made_up.repo.root, replace=True)

    with pytest.raises(UsageError, match=r"says something else at commit .* than this pipeline\nhint: register"):
        changed.run("HEAD")
    assert made_up.repo.runs() == []


def test_uncommitted_changes_are_refused(made_up: MadeUp) -> None:
    """A run would not see them; who says so gets the commit as it is."""
    made_up.git.commit({".zenml/pipelines/odd.yaml": ODD, "steps/net.py": "old"})
    made_up.git.write("steps/net.py", "new")
    pipeline = made_up.repo.get_pipeline_by_name("odd")

    with pytest.raises(DirtyTreeRefused, match=r"differs from it: steps/net.py\nhint: commit them, .*--dirty=ignore"):
        pipeline.run(dirty="refuse")
    with pytest.raises(UnknownName, match="did you mean 'ignore'"):
        pipeline.run(dirty="ignored")
    assert made_up.repo.runs() == []
    assert pipeline.run(dirty="ignore").number == 1


def test_a_pipeline_runs_before_it_is_committed(made_up: MadeUp) -> None:
    """Its file is captured with all that is uncommitted; what ran can be looked up, and made a branch of."""
    made_up.git.commit({".gitignore": "*.log\n"})
    made_up.git.write(".zenml/pipelines/odd.yaml", ODD)
    odd = made_up.repo.get_pipeline_by_name("odd")

    run = odd.run()

    assert run.options.captured
    assert [(one.commit, one.files) for one in made_up.repo.captured()] == [(run.commit, [".zenml/pipelines/odd.yaml"])]
    assert made_up.repo.promote(run.number, "odd", "Be odd") == made_up.git.git("rev-parse", "odd")
    made_up.git.write(".zenml/pipelines/odd.yaml", ODD.replace("first:", "other:"))
    with pytest.raises(UsageError, match=r"says something else in the working tree .*\nhint: register\(replace=True\)"):
        odd.run()


def test_after_a_run_that_failed_nothing_older_is_taken_for_its_result(made_up: MadeUp) -> None:
    """Who has just run it wants to see what came of it."""
    made_up.git.commit({".zenml/pipelines/odd.yaml": ODD})
    made_up.run("odd")
    odd = made_up.repo.get_pipeline_by_name("odd")
    assert set(odd.artifacts()) == {"data", "trainer", "evaluator"}

    run = odd.run()

    assert run.state == FAILED
    with pytest.raises(
        RunFailed, match=f"run {run.number} of 'odd', the last that was made here, is failed: .*steps.gone"
    ):
        odd.artifacts()
    assert set(odd.artifacts(run=1)) == {"data", "trainer", "evaluator"}


def test_what_has_run_refuses_every_change(made_up: MadeUp, pipeline: TrainingPipeline) -> None:
    """Steps, trigger and backend alike, with the way out; a copy takes them."""
    made_up.run(state=FAILED)

    for change in (
        lambda its: its.trigger(on=["commit"]),
        lambda its: its.add_deployer(FolderDeployer(path="serving/tea")),
        lambda its: its.with_backend(LocalOrchestrator()),
    ):
        with pytest.raises(UsageError, match=r"'tea' has run already, last as run 1.*\nhint: .*copy\('tea-2'\)"):
            change(pipeline)
        assert change(pipeline.copy("tea-2")).name == "tea-2"


def test_what_has_not_run_may_be_changed(pipeline: TrainingPipeline) -> None:
    """It is a file like any other until then."""
    assert pipeline.trigger(on=["commit"], branches=["main"]) is pipeline


def test_a_changed_file_is_registered_on_purpose(made_up: MadeUp) -> None:
    """Git keeps the one that ran."""
    made_up.run()
    changed = tea(epochs=7)

    with pytest.raises(UsageError, match=r"register\(replace=True\)"):
        made_up.repo.register_pipeline(changed)
    made_up.repo.register_pipeline(changed, replace=True)

    assert made_up.repo.get_pipeline_by_name(TEA).steps["trainer"].args["epochs"] == 7
    with pytest.raises(UsageError, match="has run already"):
        changed.trigger(on=["commit"])


@pytest.mark.imports
def test_looking_imports_nothing_heavy(made_up: MadeUp) -> None:
    """Neither TFX nor numpy, nor ML Metadata."""
    made_up.run(metrics={"auc": 1.0})
    code = (
        "import sys; from zenrepo.repo import Repository; repo = Repository.get_instance();"
        " pipeline = repo.get_pipeline_by_name('tea'); pipeline.artifacts(); pipeline.get_hyperparameters();"
        " pipeline.get_model_uri(); str(repo.compare_training_runs());"
        " print(sorted({'tfx', 'tensorflow', 'numpy', 'ml_metadata', 'apache_beam', 'pandas'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=made_up.repo.root, capture_output=True, text=True, check=False
    )

    assert done.stdout == "[]\n", done.stderr
