"""``zenrepo steps`` and ``zenrepo status`` say which versions of which step there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository

STEP = "from zenrepo.steps import TrainerStep\nimport helper\nclass MyStep(TrainerStep):\n    value = {value}\n"
TYPE = "module.step.MyStep"


@pytest.fixture
def project(repository: GitRepository, zenrepo: Zenrepo) -> GitRepository:
    """A repository with three versions of a step, one of them on another branch."""
    zenrepo(repository.path, "init")
    repository.commit({".zenml/config.yaml": "version: 1\n"}, "settings")
    repository.commit({"module/step.py": STEP.format(value=1), "helper.py": "A = 1\n"}, "one")
    repository.commit({"helper.py": "A = 2\n"}, "two \x1b[31mred")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit({"module/step.py": STEP.format(value=3)}, "three")
    repository.git("checkout", "--quiet", "main")
    return repository


def test_the_versions_of_a_type_are_listed_newest_first(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Each row has commit, author, change and subject; HEAD's version is marked; nothing can steer the terminal."""
    lines = zenrepo(project.path, "steps", "--type", TYPE).stdout.splitlines()

    assert len(lines) == 3
    assert lines[1].startswith("*")
    assert "helper helper.py" in lines[1]
    assert "two \\x1b[31mred" in lines[1]
    assert "new" in lines[2]
    assert "Ada" in lines[2]


def test_other_refs_count_when_asked(project: GitRepository, zenrepo: Zenrepo) -> None:
    """A version that HEAD's history lacks is listed with ``--all``."""
    listed = json.loads(zenrepo(project.path, "steps", "--type", TYPE, "--all", "--json").stdout)

    assert [row["subject"] for row in listed] == ["three", "two \x1b[31mred", "one"]
    assert [row["current"] for row in listed] == [False, True, False]
    assert listed[0]["version"] == project.git("rev-parse", "side")


def test_all_types_are_listed(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Without a type, each type is a row."""
    lines = zenrepo(project.path, "steps").stdout.splitlines()

    assert lines[1].split()[:3] == [TYPE, "trainer", "2"]


def test_an_unknown_type_is_an_error_with_near_names(project: GitRepository, zenrepo: Zenrepo) -> None:
    """Never silence, never a traceback."""
    done = zenrepo(project.path, "steps", "--type", "module.step.MyStop", code=2)

    assert "unknown step type 'module.step.MyStop'" in done.stderr
    assert f"did you mean '{TYPE}'?" in done.stderr
    assert done.stdout == ""


def test_a_type_of_another_branch_says_where_it_is(project: GitRepository, zenrepo: Zenrepo) -> None:
    """A type that only other refs have points to ``--all``."""
    project.git("checkout", "--quiet", "side")
    project.commit({"other.py": STEP.format(value=9)}, "other")
    project.git("checkout", "--quiet", "main")

    assert "--all" in zenrepo(project.path, "steps", "--type", "other.MyStep", code=2).stderr


def test_status_shows_what_is_unpinned_and_what_is_no_python(project: GitRepository, zenrepo: Zenrepo) -> None:
    """A dirty helper outside the step's folder makes it unpinned; a file that cannot be read is named."""
    project.commit({"old.py": "print 'two'\n"}, "python 2")
    project.write("helper.py", "A = 3\n")
    shown = zenrepo(project.path, "status").stdout

    assert "unpinned: helper.py" in shown
    assert "old.py: line 1" in shown


def test_before_the_first_commit_there_is_nothing_to_list(
    repository: GitRepository, zenrepo: Zenrepo, tmp_path: Path
) -> None:
    """An empty repository answers without an error."""
    zenrepo(repository.path, "init")

    assert "no commit yet" in zenrepo(repository.path, "status").stdout
    assert len(zenrepo(repository.path, "steps").stdout.splitlines()) == 1


def test_the_source_of_a_version_is_printed(project: GitRepository, zenrepo: Zenrepo) -> None:
    """``--show`` prints the file that defines the step, as it was."""
    shown = zenrepo(project.path, "steps", "--type", TYPE, "--show", "--version", "side").stdout

    assert shown == "# module/step.py at side\n" + STEP.format(value=3)


def test_two_versions_are_compared(project: GitRepository, zenrepo: Zenrepo) -> None:
    """``--diff`` covers the whole closure, and nothing beside it."""
    project.commit({"other.txt": "text"})
    shown = zenrepo(project.path, "steps", "--type", TYPE, "--diff", "main~2", "side").stdout

    assert [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-A = 1",
        "+A = 2",
        "-    value = 1",
        "+    value = 3",
    ]


@pytest.mark.parametrize("revision", ["HEAD", "main", "HEAD~0", "v1"])
def test_a_version_is_found_by_any_revision(project: GitRepository, zenrepo: Zenrepo, revision: str) -> None:
    """Branches, tags and relative names find the version that the commit holds."""
    project.git("tag", "v1")
    found = json.loads(zenrepo(project.path, "steps", "--type", TYPE, "--version", revision, "--json").stdout)

    assert [row["subject"] for row in found] == ["two \x1b[31mred"]


def test_moves_and_renames_are_followed(project: GitRepository, zenrepo: Zenrepo) -> None:
    """A step that moved to another file, and one whose class got another name, keep their history."""
    project.git("mv", "module/step.py", "module/moved.py")
    project.commit({}, "move")
    project.commit({"module/moved.py": STEP.format(value=1).replace("MyStep", "YourStep")}, "rename")
    found = json.loads(zenrepo(project.path, "steps", "--type", "module.moved.YourStep", "--json").stdout)

    assert [(row["change"], row["origin"]) for row in found] == [
        ("moved", "module.moved.MyStep"),
        ("moved", TYPE),
        ("helper helper.py", None),
        ("new", None),
    ]
