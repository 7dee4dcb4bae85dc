"""Commits of datasources as they lie in an artifact store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zenrepo.datasource_files.commits import commits_of, find
from zenrepo.errors import StepArgumentError, UnknownName, UsageError
from zenrepo.flows.planning.inputs import of_datasource
from zenrepo.steps import DatasourceStep

OLD, NEW = "1" * 64, "12" + "3" * 62


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with two commits of one datasource; the older was made again after the newer, and then the newer."""
    folder = tmp_path / "datasources" / "tea"
    for commit in (OLD, NEW):
        (folder / commit).mkdir(parents=True)
        manifest = {"id": commit, "rows": 2, "types": {"n": "int"}, "notes": ["odd"]}
        (folder / commit / "manifest.json").write_text(json.dumps(manifest))
    (folder / ".new-broken").mkdir()
    lines = [
        {"id": commit, "time": number, "run": f"datasource:tea-{number}", "git_commit": "c" * 40}
        for number, commit in enumerate((OLD, NEW, OLD, NEW, "9" * 64))
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_commits_are_listed_newest_first_and_once(store: Path) -> None:
    """With the last run that made or met each; one whose folder is gone is no commit."""
    found = commits_of(store, "tea")

    assert [(each.id, each.run, each.rows, each.columns) for each in found] == [
        (NEW, "datasource:tea-3", 2, {"n": "int"}),
        (OLD, "datasource:tea-2", 2, {"n": "int"}),
    ]
    assert commits_of(store, "coffee") == []


def test_a_commit_is_found_by_its_beginning(store: Path) -> None:
    """``latest`` is the newest; what is not there, and what several begin with, is refused."""
    assert find(store, "tea", "latest", ["tea"]).id == NEW
    assert find(store, "tea", OLD[:7], ["tea"]).id == OLD
    with pytest.raises(UsageError, match="several commits of datasource 'tea' begin with '1'"):
        find(store, "tea", "1", ["tea"])
    with pytest.raises(UsageError, match="has no commit '1233333334' here") as near:
        find(store, "tea", "1233333334", ["tea"])
    assert "did you mean '123333333333'" in near.value.hint
    with pytest.raises(UsageError, match="datasource 'new' has no commits here"):
        find(store, "new", "latest", ["tea", "new"])
    with pytest.raises(UnknownName, match="unknown datasource 'te'") as unknown:
        find(store, "te", "latest", ["tea"])
    assert unknown.value.hint == "did you mean 'tea'?"


def test_a_step_is_planned_with_the_commit_that_it_means(store: Path) -> None:
    """``latest``, also by default, is settled; the commit is an input with its id as digest."""
    for args in ({"datasource": "tea"}, {"datasource": "tea", "commit": "latest"}):
        commit, (name, found) = of_datasource(args, store, ["tea"])

        assert (commit, name) == (NEW, "datasource:tea")
        assert (found.path, found.digest) == (str(store / "datasources/tea" / NEW), NEW)


@pytest.mark.parametrize("commit", ["newest", "12345", "12345G7"])
def test_what_cannot_be_a_commit_is_refused(commit: str) -> None:
    """When the step is made."""
    with pytest.raises(StepArgumentError, match="no id of a commit"):
        DatasourceStep(datasource="tea", commit=commit)
