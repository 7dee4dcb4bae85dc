"""Datasources in a real repository: registered, committed, used by pipelines, found in lineage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.datasources import Datasource, by_name, names
from zenrepo.errors import RunFailed, StepArgumentError, UnknownName, UsageError
from zenrepo.git.locate import locate
from zenrepo.pipelines import DataPipeline
from zenrepo.repo import Repository
from zenrepo.steps import CSVDataStep, DatasourceStep, RandomSplit
from zenrepo.typed_yaml import parse

TEA = "minutes,kind\n" + "".join(f"{n},{'green' if n % 2 else 'black'}\n" for n in range(40))


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository with a table that git ignores."""
    repository.commit({".zenml/config.yaml": "version: 1\n", ".gitignore": "/data\n"})
    repository.write("data/tea.csv", TEA)
    return repository


def test_a_datasource_is_a_tracked_file(project: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the step and its arguments, and is read back; a second one of the name has to be meant."""
    path = Datasource(name="tea", step=CSVDataStep(path="data/tea.csv")).register(project.path)
    layout = locate(project.path)

    said = {"version": 1, "name": "tea", "type": "zenrepo.steps.CSVDataStep", "args": {"path": "data/tea.csv"}}
    assert parse(path.read_bytes(), "tea.yaml").data == said
    assert names(layout) == ["tea"]
    assert by_name(layout, "tea").args == {"path": "data/tea.csv"}
    with pytest.raises(UsageError, match="is there already and says something else"):
        Datasource(name="tea", step=CSVDataStep(path="data/other.csv")).register(project.path)
    with pytest.raises(UnknownName) as unknown:
        by_name(layout, "teas")
    assert "did you mean 'tea'" in unknown.value.hint


def test_what_cannot_be_a_datasource_is_refused(project: GitRepository) -> None:
    """Another kind of step, a name that is none, a path of this machine; a commit before it is in git."""
    with pytest.raises(UsageError, match="RandomSplit"):
        Datasource(name="tea", step=RandomSplit())
    with pytest.raises(UsageError, match="cannot be the name of a datasource"):
        Datasource(name="a/b", step=CSVDataStep(path="x.csv"))
    with pytest.raises(StepArgumentError, match="absolute path"):
        Datasource(name="tea", step=CSVDataStep(path="/mnt/tea.csv")).register(project.path)
    datasource = Datasource(name="tea", step=CSVDataStep(path="data/tea.csv"))
    with pytest.raises(UsageError, match="belongs to no repository yet"):
        datasource.commit()
    datasource.register(project.path)
    with pytest.raises(UsageError, match="is not committed to git"):
        datasource.commit()
    with pytest.raises(UsageError, match="has no commits here"):
        datasource.get_latest_commit()


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_a_datasource_has_immutable_commits_that_pipelines_use(project: GitRepository) -> None:
    """The same data is the same commit, a failed ingest leaves nothing, a pinned pipeline reads its commit."""
    datasource = Datasource(name="tea", step=CSVDataStep(path="data/tea.csv"))
    datasource.register(project.path)
    project.git("add", ".zenml")
    head = project.commit({".zenml/note": "x"}, "tea")
    repository = Repository.get_instance(project.path)

    first = datasource.commit()
    commit = datasource.get_latest_commit()
    run = repository.runs()[0]
    assert (commit.id, commit.rows, commit.columns) == (first, 40, {"minutes": "int", "kind": "string"})
    assert (commit.git_commit, commit.run, run.pipeline) == (head, run.id, "datasource:tea")

    project.write("data/tea.csv", TEA + "99,green\n")
    second = datasource.commit()
    assert second != first
    project.write("data/tea.csv", "minutes,kind\n1,2,3\n")
    with pytest.raises(RunFailed, match=r"data/tea\.csv, row 2: has 3 values"):
        datasource.commit()
    folders = {path.name for path in commit.folder.parent.iterdir()}
    assert folders == {first, second, "log.jsonl"}

    project.write("data/tea.csv", TEA)
    assert datasource.commit() == first
    assert [each.id for each in datasource.commits] == [first, second]

    DataPipeline("pinned").add_data(DatasourceStep(datasource="tea", commit=second[:12])).register(project.path)
    DataPipeline("unknown").add_data(DatasourceStep(datasource="teas")).register(project.path)
    project.git("add", ".zenml")
    project.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", "pipelines")
    done = {name: repository.run(name) for name in ("pinned", "unknown")}

    assert done["pinned"].state == "complete", done
    assert "unknown datasource 'teas'\nhint: did you mean 'tea'?" in done["unknown"].message
    plan = json.loads((repository.layout.run(done["pinned"].id) / "plan.json").read_text())
    assert plan["steps"][0]["args"] == {"datasource": "tea", "commit": second}
    assert _facts(repository, done["pinned"].id)["rows"] == 41
    _check_lineage(repository, done["pinned"].id, second)


def _facts(repository: Repository, run: str) -> dict[str, object]:
    lines = (repository.layout.run(run) / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return dict([e for e in events if e.get("step") == "data" and e["state"] == "complete"][-1]["facts"])


def _check_lineage(repository: Repository, run: str, commit: str) -> None:
    from zenrepo.metadata.read import MetadataReader

    reader = MetadataReader(Path(repository.get_default_metadata_store()))
    graph = reader.upstream(reader.artifacts_of_run(run))
    makers = {execution.pipeline for execution in graph.executions.values()}

    assert makers == {"pinned", "datasource:tea"}
    assert {"datasource:tea": commit} in [execution.files for execution in graph.executions.values()]
