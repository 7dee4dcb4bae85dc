"""Wherever a project stands, look-ups and pins give the same answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.git.conftest import BOTH, answers, project_of
from zenrepo.errors import NotARepository, PinError
from zenrepo.flows.lookup import versions
from zenrepo.git.locate import is_rebasing, locate
from zenrepo.sources.load import load


def test_before_the_first_commit_there_is_nothing(repository: GitRepository) -> None:
    """No commit is an empty answer, and a pin of it is refused."""
    repository.write(".zenml/config.yaml", "version: 1\n")

    assert answers(repository.path) == []
    with pytest.raises(PinError, match="no commit 'HEAD'"):
        load("steps.step.Step@HEAD", repository.path)


def test_detached_head_counts_as_a_ref(repository: GitRepository) -> None:
    """A commit that only HEAD reaches is there, and what HEAD holds is marked."""
    one, _ = project_of(repository)
    repository.git("checkout", "--quiet", "--detach", one)
    repository.commit({"lib/helper.py": "N = 3\n"}, "three")

    assert answers(repository.path) == [("steps.step.Step", "three", True, 3), BOTH[1]]


def test_linked_worktrees_share_the_index(repository: GitRepository, tmp_path: Path) -> None:
    """Each working tree has its own HEAD, and what one commits the other finds."""
    one, _ = project_of(repository)
    linked = GitRepository(tmp_path / "linked tree")
    repository.git("worktree", "add", "--quiet", "-b", "side", str(linked.path), one)
    linked.commit({"lib/helper.py": "N = 3\n"}, "three")

    assert answers(linked.path / "lib") == [("steps.step.Step", "three", True, 3), BOTH[1]]
    assert answers(repository.path) == BOTH
    assert locate(linked.path).index_db == locate(repository.path).index_db
    assert load("steps.step.Step@side", repository.path).n == 3


def test_a_worktree_of_a_bare_repository_is_a_working_tree(repository: GitRepository, tmp_path: Path) -> None:
    """A bare clone whose branches are checked out beside it is used from each of them."""
    project_of(repository)
    bare = GitRepository(tmp_path / "bare.git")
    repository.git("clone", "--quiet", "--bare", ".", str(bare.path))
    bare.git("worktree", "add", "--quiet", str(tmp_path / "main"), "main")

    assert answers(tmp_path / "main") == BOTH
    assert locate(tmp_path / "main").root == tmp_path / "main"


def test_a_project_in_a_submodule_is_the_submodules(
    repository: GitRepository, make_repository: Callable[[str], GitRepository]
) -> None:
    """The submodule's own history counts; its private files stand in the git folder above."""
    project_of(repository)
    above = make_repository("above")
    above.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.path), "sub")
    above.commit({".zenml/config.yaml": "version: 1\n"}, "above")

    assert answers(above.path / "sub") == BOTH
    assert answers(above.path / "sub" / "lib") == BOTH
    assert answers(above.path) == []
    assert locate(above.path / "sub").private == above.path / ".git" / "modules" / "sub" / "zenml"
    assert not is_rebasing(locate(above.path / "sub"))


def test_a_project_in_a_folder_sees_only_what_is_below(repository: GitRepository) -> None:
    """In a monorepo the types are named from the project's folder, and other folders' modules are not its own."""
    repository.commit({"lib/helper.py": "N = 9\n", "steps/step.py": "N = 9\n"}, "zero")
    project_of(repository, "teams/ü 1/")
    folder = repository.path / "teams" / "ü 1"

    assert answers(folder) == BOTH
    assert answers(folder / "steps") == BOTH
    assert locate(folder / "steps").prefix == "teams/ü 1/"
    with pytest.raises(NotARepository, match=r"no \.zenml folder"):
        locate(repository.path / "teams")


def test_a_project_inside_a_project_is_its_own(repository: GitRepository) -> None:
    """The nearest folder with ``.zenml/`` counts."""
    project_of(repository)
    repository.commit({"inner/.zenml/config.yaml": "version: 1\n", "inner/steps/x.py": "N = 1\n"}, "inner")

    assert answers(repository.path / "inner" / "steps") == []
    assert answers(repository.path)[1:] == [("steps.step.Step", "one", False, 1)]


@pytest.mark.parametrize("name", ["a b", "ü", "line\nbreak", "ends\n", "-dash", "quote'\"", "$(touch pwned)", "\udce9"])
def test_any_name_of_a_folder_will_do(make_repository: Callable[[str], GitRepository], name: str) -> None:
    """Blanks, newlines, quotes and bytes that are no text may stand in the path of a repository and of a project."""
    repository = make_repository(f"{name}/{name}")
    project_of(repository, f"{name}/")

    assert answers(repository.path / name) == BOTH
    assert locate(repository.path / name / "lib").root == repository.path / name


def test_a_symlink_to_a_repository_leads_to_it(repository: GitRepository, tmp_path: Path) -> None:
    """The repository is the same one by whatever path it is reached."""
    project_of(repository)
    (tmp_path / "link").symlink_to(repository.path)

    assert answers(tmp_path / "link" / "steps") == BOTH
    assert locate(tmp_path / "link").root == repository.path.resolve()


def test_a_git_folder_elsewhere_is_found(make_repository: Callable[[str], GitRepository], tmp_path: Path) -> None:
    """``--separate-git-dir`` and a moved git folder work as in git."""
    repository = make_repository("apart")
    shutil.rmtree(repository.path / ".git")
    repository.git("init", "--quiet", "--initial-branch=main", f"--separate-git-dir={tmp_path}/git folder")
    project_of(repository)

    assert answers(repository.path) == BOTH
    assert locate(repository.path).private == tmp_path / "git folder" / "zenml"


def test_variables_of_a_hook_do_not_bind(
    repository: GitRepository, make_repository: Callable[[str], GitRepository], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git set its variables for another repository, the folder still says which one is meant."""
    project_of(repository)
    other = make_repository("other")
    variables = {
        "GIT_DIR": other.path / ".git",
        "GIT_WORK_TREE": other.path,
        "GIT_INDEX_FILE": other.path / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": other.path / ".git" / "objects",
        "GIT_COMMON_DIR": other.path / ".git",
        "GIT_PREFIX": "lib/",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))

    assert answers(repository.path) == BOTH


def test_a_hook_that_asks_gets_the_answers(repository: GitRepository) -> None:
    """``zenrepo steps`` inside ``git commit`` sees the repository that commits, the new commit included."""
    project_of(repository)
    hook = repository.write(
        ".git/hooks/post-commit", f"#!/bin/sh\n'{sys.executable}' -m zenrepo.cli steps --type steps.step.Step >out\n"
    )
    hook.chmod(0o755)
    repository.write("lib/helper.py", "N = 3\n")
    repository.git("commit", "--quiet", "-am", "three", PYTHONPATH=str(Path(__file__).parents[2]))

    assert [line.split()[-1] for line in (repository.path / "out").read_text().splitlines()[1:]] == [
        "three",
        "two",
        "one",
    ]


def test_an_owner_that_git_does_not_trust_is_told_with_the_cure(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure is git's own command for this repository, and it works."""
    project_of(repository)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("LANGUAGE", "de")
    with pytest.raises(NotARepository, match="git does not trust the owner of") as caught:
        locate(repository.path / "lib")

    assert caught.value.exit_code == 3
    assert caught.value.hint == f"git config --global --add safe.directory {repository.path}"
    subprocess.run(caught.value.hint, shell=True, check=True)
    assert answers(repository.path / "lib") == BOTH


@pytest.mark.parametrize("inside", [".git", ".git/hooks"])
def test_inside_the_git_folder_is_no_working_tree(repository: GitRepository, inside: str) -> None:
    """It says where to go."""
    project_of(repository)

    with pytest.raises(NotARepository, match="inside a git folder") as caught:
        locate(repository.path / inside)
    assert "working tree" in caught.value.hint


def test_outside_git_it_says_so(tmp_path: Path) -> None:
    """A folder in no repository, a folder that is not there, and a broken git folder are different errors."""
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    (tmp_path / "file").touch()

    for name, message in {".": "not in a git repository", "gone": "not a folder", "file": "not a folder"}.items():
        with pytest.raises(NotARepository, match=message):
            locate(tmp_path / name)
    with pytest.raises(NotARepository, match="not in a git repository"):
        locate(tmp_path / "broken")


def test_the_current_folder_is_where_it_starts(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the current one counts."""
    project_of(repository)
    monkeypatch.chdir(repository.path / "lib")

    assert locate().root == repository.path
    assert locate().common.samefile(repository.path / ".git")
    assert len(versions(locate())) == 2
