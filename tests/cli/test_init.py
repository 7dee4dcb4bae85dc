"""``zenrepo init`` makes a git repository a zenrepo repository, wherever it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository
from zenrepo.git.hooks import AT_WORK


def hooks_of(repository: GitRepository) -> set[str]:
    """Name the hooks that are installed in a clone."""
    folder = Path(repository.git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    return {name for name in AT_WORK if (folder / name).exists()}


def test_it_works_before_the_first_commit(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """A repository without a commit gets its folder and its hooks."""
    zenrepo(repository.path, "init")

    assert (repository.path / ".zenml/config.yaml").is_file()
    assert (repository.path / ".zenml/pipelines").is_dir()
    assert hooks_of(repository) == set(AT_WORK)


def test_done_twice_it_changes_nothing(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """A second time keeps what the user changed, and says that it found it."""
    zenrepo(repository.path, "init")
    repository.write(".zenml/config.yaml", "version: 1\nsource_roots: [src]\n")

    assert "found" in zenrepo(repository.path, "init").stdout
    assert "src" in (repository.path / ".zenml/config.yaml").read_text()


def test_from_a_subfolder_it_serves_the_whole_repository(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """The folder is made at the top of the working tree."""
    (repository.path / "deep/down").mkdir(parents=True)
    zenrepo(repository.path / "deep/down", "init")

    assert (repository.path / ".zenml").is_dir()
    assert not (repository.path / "deep/down/.zenml").exists()


def test_a_subfolder_can_be_a_project_of_its_own(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """With ``--here`` a folder of a larger repository has its own."""
    (repository.path / "ml").mkdir()
    zenrepo(repository.path / "ml", "init", "--here")
    repository.commit({"ml/a.py": "from zenrepo.steps import DataStep\nclass A(DataStep): pass\n"})

    assert not (repository.path / ".zenml").exists()
    assert "a.A" in zenrepo(repository.path / "ml", "steps").stdout


def test_it_works_in_a_linked_worktree(repository: GitRepository, zenrepo: Zenrepo, tmp_path: Path) -> None:
    """The worktree gets the folder, the clone the hooks."""
    repository.commit({"a.txt": ""})
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    zenrepo(tmp_path / "linked", "init")

    assert (tmp_path / "linked/.zenml").is_dir()
    assert hooks_of(repository) == set(AT_WORK)


def test_it_works_on_a_detached_head(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """No branch is needed."""
    repository.commit({"a.txt": ""})
    repository.git("checkout", "--quiet", "--detach")
    zenrepo(repository.path, "init")

    assert "detached" in zenrepo(repository.path, "status").stdout


def test_hooks_are_left_out_when_asked(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """Without hooks nothing is installed, and the status says how to."""
    zenrepo(repository.path, "init", "--no-hooks")

    assert hooks_of(repository) == set()
    assert "zenrepo hooks install" in zenrepo(repository.path, "status").stdout


@pytest.mark.parametrize("command", [["init"], ["status"], ["steps"], ["runs"], ["pipelines"], ["lineage", "1"]])
def test_outside_git_every_command_names_the_cure(tmp_path: Path, zenrepo: Zenrepo, command: list[str]) -> None:
    """Exit code 3, and what to do."""
    done = zenrepo(tmp_path, *command, code=3)

    assert "is not in a git repository" in done.stderr
    assert "git init" in done.stderr


def test_inside_git_without_init_the_cure_is_init(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """A git repository that is no zenrepo repository says so."""
    assert "run 'zenrepo init' in it" in zenrepo(repository.path, "status", code=3).stderr


def test_a_bare_repository_holds_no_project_in_a_subfolder(tmp_path: Path, zenrepo: Zenrepo) -> None:
    """There is no working tree to put a folder into."""
    bare = GitRepository(tmp_path / "bare.git")
    bare.path.mkdir()
    bare.git("init", "--quiet", "--bare")

    assert "bare git repository" in zenrepo(bare.path, "init", "--here", code=3).stderr


def test_the_folder_can_be_named(repository: GitRepository, zenrepo: Zenrepo, tmp_path: Path) -> None:
    """``-C`` works as in git."""
    zenrepo(tmp_path, "-C", str(repository.path), "init")

    assert (repository.path / ".zenml").is_dir()
    assert "cannot enter" in zenrepo(tmp_path, "-C", str(tmp_path / "nowhere"), "status", code=2).stderr


def test_the_hooks_serve_a_project_in_a_subfolder(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """A commit anywhere in the repository is snapshot for each project that was made here."""
    (repository.path / "ml").mkdir()
    zenrepo(repository.path / "ml", "init", "--here")
    repository.write("ml/a.py", "from zenrepo.steps import DataStep\nclass A(DataStep): pass\n")
    repository.git("add", "--all")
    done = repository.attempt("commit", "--quiet", "--message", "a step")

    assert done.stderr == "zenrepo: new version of a.A\n"
