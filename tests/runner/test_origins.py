"""A run executes the commit's modules and the environment's, wherever else Python would find some."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from zenrepo.errors import StepFailed
from zenrepo.runner.performing.origins import refuse_working_tree
from zenrepo.runs.plan import Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A run whose checkout, store and repository stand as they do in a clone."""
    checkout, store = (str(tmp_path / ".git" / "zenml" / name) for name in ("tree", "artifacts"))
    return Plan(
        "tea-1", "tea", "", "c", "", str(tmp_path), checkout, [checkout], "metadata.db", store, "", cache=True, steps=[]
    )


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names of the modules that there are; what a test imports is gone behind it."""
    known = set(sys.modules)
    yield known
    for name in set(sys.modules) - known:
        monkeypatch.delitem(sys.modules, name)


def bring(monkeypatch: pytest.MonkeyPatch, root: Path, name: str) -> None:
    """Have a folder on the path of Python, as an editable installation has it, and import a module from it."""
    file = root.joinpath(*name.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True)
    if file.parent != root:
        (file.parent / "__init__.py").touch()
    file.touch()
    monkeypatch.syspath_prepend(root)
    importlib.import_module(name)


def test_a_module_of_the_working_tree_is_refused(
    plan: Plan, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hint names the folder from which the commit's own is found."""
    bring(monkeypatch, tmp_path / "src", "teapackage.helpers")

    with pytest.raises(StepFailed) as caught:
        refuse_working_tree(plan, imported)

    assert "'teapackage' was imported from the working tree" in caught.value.message
    assert caught.value.hint.startswith("name 'src' under 'source_roots'")


def test_a_module_that_no_commit_has_is_to_be_added(
    plan: Plan, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roots are right where the whole folder is on the path."""
    bring(monkeypatch, tmp_path / "top", "teapot")

    with pytest.raises(StepFailed) as caught:
        refuse_working_tree(replace(plan, repository=str(tmp_path / "top")), imported)

    assert caught.value.hint == "'git add' 'teapot.py', so that the commit holds it"


@pytest.mark.parametrize("place", [".git/zenml/tree", ".git/zenml/artifacts", "../elsewhere"])
def test_other_places_are_none_of_the_working_tree(
    plan: Plan, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The commit's checkout, what steps made, and what stands beside the repository."""
    repository = tmp_path / "repository"
    bring(monkeypatch, repository / place, "teacup.saucer")
    places = {name: str(repository / ".git/zenml" / name) for name in ("tree", "artifacts")}

    refuse_working_tree(
        replace(plan, repository=str(repository), checkout=places["tree"], artifact_store=places["artifacts"]), imported
    )


def test_zenrepo_may_stand_in_the_repository_itself(
    plan: Plan, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for those who work on it; the modules of pinned steps bear its name as well."""
    monkeypatch.setitem(sys.modules, "zenrepo.made_up", ModuleType("zenrepo.made_up"))
    file = str(tmp_path / "zenrepo" / "made_up.py")
    sys.modules["zenrepo.made_up"].__spec__ = spec_from_file_location("zenrepo.made_up", file)

    refuse_working_tree(plan, imported)


def test_an_environment_inside_the_repository_is_the_environment(
    plan: Plan, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what it keeps beside its installed modules."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    bring(monkeypatch, tmp_path / ".venv" / "src", "teaspoon")

    refuse_working_tree(plan, imported)
