"""How a run is planned in a bare repository, which has no working tree for what stands beside git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import UsageError
from zenrepo.flows.planning import stores
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import Journal
from zenrepo.runs.plan import Plan
from zenrepo.runs.processes.staying import stays

PIPELINE = """\
version: 1
name: tea
kind: data
trigger: {on: [push]}
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {path: data/tea.csv}
"""


@pytest.fixture
def bare(repository: GitRepository, tmp_path: Path) -> Layout:
    """A bare repository whose settings have a relative store, and whose data git does not track."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\nartifact_store: out/artifacts\n",
            ".zenml/pipelines/tea.yaml": PIPELINE,
        }
    )
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    return locate(tmp_path / "bare.git")


def planned(bare: Layout) -> Plan:
    """Plan a run at HEAD."""
    with Journal(bare.runs_db) as journal:
        commit = GitRepository(bare.root).git("rev-parse", "HEAD")
        return resolve(bare, journal.add("tea", commit, bare.root, "asked for"), check_out=False)


def test_relative_paths_start_in_a_folder_of_its_own(bare: Layout) -> None:
    """Data, stores and destinations; look-ups find the same places, by the settings of HEAD."""
    data = bare.common / "zenml/files/data/tea.csv"
    data.parent.mkdir(parents=True)
    data.write_text("a\n1\n")
    plan = planned(bare)

    assert plan.repository == str(bare.common / "zenml/files")
    assert plan.artifact_store == str(bare.common / "zenml/files/out/artifacts") == stores.artifact_store(bare)
    assert plan.metadata_store == str(bare.common / "zenml/metadata.db") == stores.metadata_store(bare)
    assert plan.steps[0].inputs["data/tea.csv"].path == str(data)


def test_data_that_is_nowhere_is_an_error_that_names_both_places(bare: Layout) -> None:
    """Nobody can have forgotten to commit a file that lies there."""
    with pytest.raises(UsageError, match=r"'data' reads 'data/tea\.csv', which the commit does not hold") as caught:
        planned(bare)

    assert caught.value.hint == f"commit it, or put it at '{bare.common}/zenml/files/data/tea.csv'"


def test_a_run_is_asked_for_in_a_bare_repository(bare: Layout) -> None:
    """It runs at HEAD, or where it is told to."""
    repository = Repository.get_instance(bare.root)
    bare.private.mkdir()
    with stays(bare):
        run = repository.run("tea", wait=False)

    assert (run.pipeline, run.root, run.state) == ("tea", str(bare.root), "queued")
