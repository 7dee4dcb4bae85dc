"""A training pipeline as a file of a repository."""

from __future__ import annotations

import pytest

from zenrepo.errors import NotARepository
from zenrepo.pipeline_files.file import StepEntry, read
from zenrepo.pipelines import TrainingPipeline
from zenrepo.steps import (
    CSVDataStep,
    FolderDeployer,
    KerasFeedForwardTrainer,
    RandomSplit,
    StandardPreprocess,
)
from zenrepo.typed_yaml import save


def small(path: str = "data/churn.csv") -> TrainingPipeline:
    """Make a pipeline of the mandatory steps."""
    return (
        TrainingPipeline(name="churn")
        .add_data(CSVDataStep(path=path))
        .add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        .add_preprocess(StandardPreprocess(label="on"))
        .add_trainer(KerasFeedForwardTrainer(label="on", hidden_layers=[8, 4], learning_rate=1e-05))
    )


def test_registering_writes_the_file(repository):
    """From any folder of the repository, nothing beside it."""
    folder = repository / "deep" / "down"
    folder.mkdir(parents=True)

    path = small().register(folder)

    assert path == repository / ".zenml" / "pipelines" / "churn.yaml"
    assert read(path.read_bytes(), str(path)) == small().to_file()
    assert list(path.parent.iterdir()) == [path]


def test_the_current_folder_says_which_repository(repository, monkeypatch):
    """Where none is given."""
    monkeypatch.chdir(repository)

    assert small().register() == repository / ".zenml" / "pipelines" / "churn.yaml"


def test_registering_again_changes_nothing(repository):
    """Not even the comments that somebody wrote into the file."""
    path = small().register(repository)
    path.write_text("# mine\n" + path.read_text())
    before = path.stat().st_mtime_ns, path.read_text()

    small().register(repository)

    assert (path.stat().st_mtime_ns, path.read_text()) == before


def test_another_pipeline_of_the_name_is_not_overwritten(repository, refusal):
    """Unless it is asked for."""
    path = small().register(repository)
    other = small(path="other.csv")

    assert refusal(other.register, repository) == (
        f"'{path}' is there already and says something else\n"
        "hint: choose another name, or replace it with register(replace=True)"
    )
    assert other.register(repository, replace=True) == path
    assert TrainingPipeline.from_file(path).to_file() == other.to_file()


def test_a_broken_file_is_not_overwritten(repository, refusal):
    """Somebody may want to mend it."""
    save(repository / ".zenml" / "pipelines" / "churn.yaml", "{")

    assert "is there already and says something else" in refusal(small().register, repository)


def test_a_path_that_another_clone_has_not_is_refused(repository, refusal):
    """With the step, the argument, and what to use instead."""
    inside = repository / "data" / "x.csv"

    assert refusal(small(path=str(inside)).register, repository) == (
        f"step 'zenrepo.steps.CSVDataStep': argument 'path': absolute path '{inside}'\n"
        "hint: use 'data/x.csv', relative to the repository"
    )
    assert "path '../x' leaves the repository" in refusal(small(path="../x").register, repository)
    assert not (repository / ".zenml" / "pipelines").exists()


def test_registering_outside_a_repository_is_refused(tmp_path):
    """There is no place for the file."""
    with pytest.raises(NotARepository):
        small().register(tmp_path)


def test_a_file_comes_back_as_a_pipeline(repository):
    """And is written back byte for byte."""
    path = small().trigger(branches=["main"]).add_deployer(FolderDeployer(path="serving")).register(repository)
    text = path.read_bytes()

    back = TrainingPipeline.from_file(path)

    assert back.name == "churn"
    assert back.steps["deployer"] == StepEntry(type="zenrepo.steps.FolderDeployer", args={"path": "serving"})
    path.unlink()
    assert back.register(repository).read_bytes() == text


def test_free_step_names_and_pins_come_back(tmp_path):
    """The steps of a file are not made, so they need not even be there."""
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\nname: a\nkind: training\ntrigger:\n  on: [manual]\nsteps:\n"
        "  read:\n    type: gone.Reader@0123456\n  split:\n    type: gone.Split\n"
    )

    pipeline = TrainingPipeline.from_file(path)

    assert pipeline.to_file() == read(path.read_bytes())
    assert list(pipeline.add_trainer(KerasFeedForwardTrainer(label="on")).steps) == [
        "read",
        "split",
        "trainer",
    ]


def test_a_missing_file_is_refused(tmp_path, refusal):
    """By its path."""
    path = tmp_path / "no.yaml"

    assert refusal(TrainingPipeline.from_file, path) == (
        f"there is no pipeline file '{path}'\nhint: 'zenrepo pipelines' lists them"
    )
