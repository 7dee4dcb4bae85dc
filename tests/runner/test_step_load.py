"""How the runner finds the class of a step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import StepFailed, UnknownName
from zenrepo.runner.performing.step_load import load_class, step_of
from zenrepo.steps import BaseStep

SOURCE = """
from zenrepo.steps import SplitStep


class Halves(SplitStep):
    def get_split_names(self):
        return ["train", "eval"]

    def partition_fn(self, examples):
        return NUMBER


class Outer:
    class Inner(Halves):
        pass


class NoStep:
    pass
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A source root with a module of steps."""
    (tmp_path / "findme").mkdir()
    (tmp_path / "findme/halves.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "findme"]:
        monkeypatch.delitem(sys.modules, name)
    return str(tmp_path)


def config(type_: str, root: str, **changes: Any) -> dict[str, Any]:
    """Say what is to be loaded."""
    return {"name": "split", "type": type_, "args": {}, "pin": "", "repository": "", "source_roots": [root]} | changes


def test_a_class_is_imported_from_the_checkout(root: str) -> None:
    """The longest prefix that is a module is imported; a class may stand in a class."""
    assert load_class(config("findme.halves.Halves", root), BaseStep).__name__ == "Halves"
    assert load_class(config("findme.halves.Outer.Inner", root), BaseStep).__qualname__ == "Outer.Inner"


def test_a_standard_step_comes_from_zenrepo(root: str) -> None:
    """Its type names the package that exports it."""
    assert load_class(config("zenrepo.steps.RandomSplit", root), BaseStep).__name__ == "RandomSplit"


def test_what_is_not_there_is_told_with_what_is_near(root: str) -> None:
    """A mistyped class, and a module that no source root has."""
    with pytest.raises(UnknownName) as mistyped:
        load_class(config("findme.halves.Halfs", root), BaseStep)
    with pytest.raises(UnknownName) as missing:
        load_class(config("nowhere.Halves", root), BaseStep)

    assert "'findme.halves.Halves'" in mistyped.value.hint
    assert "no module 'nowhere'" in missing.value.hint


def test_what_is_no_step_is_refused(root: str) -> None:
    """A class that extends no interface cannot be run."""
    with pytest.raises(StepFailed, match=r"'findme\.halves\.NoStep' is no step"):
        load_class(config("findme.halves.NoStep", root), BaseStep)


def test_a_module_that_an_installed_one_hides_is_told(root: str) -> None:
    """The user's module would never be imported."""
    with pytest.raises(StepFailed, match="is hidden by an installed one"):
        load_class(config("pytest.Class", root), BaseStep)


def test_arguments_that_do_not_fit_are_told(root: str) -> None:
    """A step of an earlier version may take other arguments."""
    with pytest.raises(StepFailed, match=r"step 'split' cannot be made: .*shares"):
        step_of(config("zenrepo.steps.RandomSplit", root, args={"shares": 3}))


def test_a_pinned_class_is_as_it_was(repository: GitRepository) -> None:
    """Two versions stand side by side, whatever the working tree holds."""
    types = {".zenml/config.yaml": "version: 1\n", "findme/__init__.py": ""}
    old = repository.commit(types | {"findme/halves.py": SOURCE.replace("NUMBER", "1")})
    new = repository.commit({"findme/halves.py": SOURCE.replace("NUMBER", "2")})
    loaded = [
        step_of(config("findme.halves.Halves", "", pin=f"findme.halves.Halves@{c}", repository=str(repository.path)))
        for c in (old, new)
    ]

    assert [step.partition_fn(None) for step in loaded] == [1, 2]  # type: ignore[attr-defined]
