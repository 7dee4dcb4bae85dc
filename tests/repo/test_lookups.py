"""Pipelines looked up by name, kind and datasource; a broken file hides no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.repo.conftest import TEA, MadeUp
from zenrepo.errors import NotARepository, PipelineFileError, UnknownName
from zenrepo.pipelines import DataPipeline, TrainingPipeline
from zenrepo.repo import Repository
from zenrepo.repo.broken import BrokenFileWarning
from zenrepo.steps import CSVDataStep

SOURCED = """\
version: 1
name: sourced
kind: data
steps:
  data:
    type: steps.mine.FromDatasource
    args:
      datasource: leaves
"""


@pytest.fixture
def several(made_up: MadeUp) -> Repository:
    """A repository with pipelines of two kinds, one of them from a datasource, and two broken files."""
    DataPipeline("beans").add_data(CSVDataStep(path="data/beans.csv")).register(made_up.repo.root)
    made_up.git.write(".zenml/pipelines/sourced.yaml", SOURCED)
    made_up.git.write(".zenml/pipelines/empty.yaml", "")
    made_up.git.write(".zenml/pipelines/wrong.yaml", "version: 1\nname: wrong\nsteps: 3\n")
    return made_up.repo


def test_a_listing_gives_pipelines_and_names_the_broken_files(several: Repository) -> None:
    """With file and line of each, as a warning and to be looked up."""
    with pytest.warns(BrokenFileWarning) as warned:
        found = several.get_pipelines()

    assert list(found) == ["beans", "sourced", "tea"]
    assert {name: type(pipeline) for name, pipeline in found.items()} == {
        "beans": DataPipeline,
        "sourced": DataPipeline,
        "tea": TrainingPipeline,
    }
    assert {name: error.file for name, error in found.broken.items()} == {
        "empty": ".zenml/pipelines/empty.yaml",
        "wrong": ".zenml/pipelines/wrong.yaml",
    }
    assert [str(one.message) for one in warned] == [error.message for error in found.broken.values()]
    assert {one.filename for one in warned} == {__file__}
    assert "broken: .zenml/pipelines/wrong.yaml:3: " in str(found)


def test_what_is_no_file_hides_no_pipeline(made_up: MadeUp) -> None:
    """A folder, or a symlink, of which no commit would run what it leads to, is as broken as a file can be."""
    pipelines = made_up.repo.layout.pipelines
    (pipelines / "folder.yaml").mkdir()
    (pipelines / "gone.yaml").symlink_to("nowhere")
    (pipelines / "linked.yaml").symlink_to("tea.yaml")

    with pytest.warns(BrokenFileWarning, match="cannot be read|is a symlink"):
        found = made_up.repo.get_pipelines()

    assert (list(found), list(found.broken)) == ([TEA], ["folder", "gone", "linked"])
    with pytest.raises(PipelineFileError, match=r"folder.yaml:1: cannot be read: Is a directory"):
        made_up.repo.get_pipeline_by_name("folder")


def test_names_are_given_whatever_the_files_say(several: Repository) -> None:
    """No file is read for them."""
    assert several.get_pipeline_names() == ["beans", "empty", "sourced", "tea", "wrong"]


@pytest.mark.filterwarnings("ignore::zenrepo.repo.broken.BrokenFileWarning")
@pytest.mark.parametrize(
    ("kind", "names"),
    [("training", ["tea"]), (TrainingPipeline, ["tea"]), (DataPipeline, ["beans", "sourced"]), ("custom", [])],
)
def test_pipelines_are_found_by_their_kind(several: Repository, kind: object, names: list[str]) -> None:
    """As the files name it, or as a class."""
    assert list(several.get_pipelines_by_type(kind)) == names  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused(several: Repository) -> None:
    """With the near one."""
    with pytest.raises(UnknownName, match="unknown kind of pipeline 'trainin'\nhint: did you mean 'training'"):
        several.get_pipelines_by_type("trainin")


@pytest.mark.filterwarnings("ignore::zenrepo.repo.broken.BrokenFileWarning")
def test_pipelines_are_found_by_their_datasource(several: Repository) -> None:
    """The name of it will do."""
    assert list(several.get_pipelines_by_datasource("leaves")) == ["sourced"]
    assert list(several.get_pipelines_by_datasource("beans")) == []


def test_one_pipeline_is_read_whatever_the_others_are(several: Repository) -> None:
    """A broken one says file and line; one that is not there, what is near."""
    assert several.get_pipeline_by_name("beans").steps["data"].args == {"path": "data/beans.csv"}
    with pytest.raises(PipelineFileError, match=r"wrong.yaml:3: "):
        several.get_pipeline_by_name("wrong")
    with pytest.raises(UnknownName, match="unknown pipeline 'bean'\nhint: did you mean 'beans'"):
        several.get_pipeline_by_name("bean")


def test_pipelines_are_read_as_they_were_at_a_commit(several: Repository) -> None:
    """The files of the working tree do not matter there."""
    assert several.get_pipeline_names("HEAD") == [TEA]
    assert list(several.get_pipelines("HEAD")) == [TEA]
    assert several.get_pipeline_by_name(TEA, "HEAD").to_file() == several.get_pipeline_by_name(TEA).to_file()
    with pytest.raises(UnknownName, match="'HEAD' does not hold it"):
        several.get_pipeline_by_name("zzz", "HEAD")


def test_a_broken_file_keeps_no_step_from_its_versions(several: Repository) -> None:
    """Those of the other files are still there."""
    assert "zenrepo.steps.CSVDataStep" in several.get_step_versions()


def test_a_bare_clone_answers_for_its_head(several: Repository, tmp_path: Path) -> None:
    """It has no working tree to read."""
    bare = GitRepository(tmp_path / "bare.git")
    GitRepository(several.root).git("clone", "--quiet", "--bare", ".", str(bare.path))

    assert list(Repository.get_instance(bare.path).get_pipelines()) == [TEA]


def test_init_repo_makes_what_the_command_makes(repository: GitRepository) -> None:
    """Twice changes nothing; outside git there is nothing to make it of."""
    made = Repository.init_repo(repository.path)
    before = (repository.path / ".zenml" / "config.yaml").stat().st_mtime_ns
    again = Repository.init_repo(repository.path)

    assert made.root == again.root == repository.path.resolve()
    assert (repository.path / ".git" / "hooks" / "post-commit").exists()
    assert (repository.path / ".zenml" / "config.yaml").stat().st_mtime_ns == before
    with pytest.raises(NotARepository):
        Repository.init_repo(repository.path.parent)


def test_a_project_of_a_larger_repository(repository: GitRepository) -> None:
    """The folder itself is one."""
    repository.write("team/a.txt", "")

    assert Repository.init_repo(repository.path / "team", hooks=False, here=True).root == repository.path / "team"


def test_the_default_places_are_those_of_the_settings(made_up: MadeUp) -> None:
    """In the clone's git folder where the settings say nothing."""
    root, private = made_up.repo.root, made_up.repo.layout.private
    assert made_up.repo.get_default_metadata_store() == str(private / "metadata.db")
    assert made_up.repo.get_default_artifact_store() == str(private / "artifacts")
    assert made_up.repo.get_default_pipelines_dir() == str(root / ".zenml" / "pipelines")

    made_up.git.write(".zenml/config.yaml", "version: 1\nartifact_store: out\nmetadata_store: out/metadata.db\n")

    assert made_up.repo.get_default_metadata_store() == str(root / "out" / "metadata.db")
    assert made_up.repo.get_default_artifact_store() == str(root / "out")
