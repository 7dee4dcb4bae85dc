"""Datasources looked up by name; a broken file hides no other."""

from __future__ import annotations

import pytest

from tests.repo.conftest import MadeUp
from zenrepo.datasources import Datasource
from zenrepo.errors import PipelineFileError, UnknownName
from zenrepo.pipelines import DataPipeline
from zenrepo.repo import Repository
from zenrepo.repo.broken import BrokenFileWarning
from zenrepo.steps import CSVDataStep, DatasourceStep


@pytest.fixture
def leaves(made_up: MadeUp) -> Repository:
    """A repository with one datasource, a pipeline on it, and a broken file."""
    Datasource("leaves", CSVDataStep(path="data/leaves.csv")).register(made_up.repo.root)
    made_up.repo.register_pipeline(DataPipeline("dried").add_data(DatasourceStep(datasource="leaves")))
    made_up.git.write(".zenml/datasources/torn.yaml", "")
    return made_up.repo


def test_datasources_are_given_by_name_and_broken_files_are_named(leaves: Repository) -> None:
    """As a warning, and to be looked up."""
    with pytest.warns(BrokenFileWarning, match=r"torn\.yaml"):
        found = leaves.get_datasources()

    assert {name: datasource.args for name, datasource in found.items()} == {"leaves": {"path": "data/leaves.csv"}}
    assert list(found.broken) == ["torn"]
    assert leaves.get_datasource_names() == ["leaves", "torn"]


def test_one_datasource_is_read_whatever_the_others_are(leaves: Repository) -> None:
    """A broken one says its file; one that is not there, what is near."""
    assert leaves.get_datasource_by_name("leaves").type == "zenrepo.steps.CSVDataStep"
    with pytest.raises(PipelineFileError, match=r"torn\.yaml"):
        leaves.get_datasource_by_name("torn")
    with pytest.raises(UnknownName, match="did you mean 'leaves'"):
        leaves.get_datasource_by_name("leafs")


def test_a_datasource_leads_to_its_pipelines(leaves: Repository) -> None:
    """Given as itself or by name."""
    datasource = leaves.get_datasource_by_name("leaves")

    assert list(leaves.get_pipelines_by_datasource(datasource)) == ["dried"]
    assert list(leaves.get_pipelines_by_datasource("leaves")) == ["dried"]
