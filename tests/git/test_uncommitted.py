"""What is uncommitted becomes the tree that git itself would commit, and nothing of the user's is touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import GitError
from zenrepo.git import uncommitted


@pytest.fixture
def edited(repository: GitRepository) -> GitRepository:
    """A repository in which much is uncommitted: edited, staged, new, deleted, renamed, intended."""
    repository.commit({".gitignore": "*.log\n", "a": "1\n", "b": "1\n", "c": "1\n", "d/e": "1\n", "f": "1\n"})
    repository.write("a", "2\n")
    repository.write("b", "staged\n")
    repository.git("add", "b")
    repository.write("b", "edited again\n")
    repository.write("c", None)
    repository.git("mv", "d/e", "d/moved")
    repository.write("new/file", "new\n")
    repository.write("intended", "soon\n")
    repository.git("add", "--intent-to-add", "intended")
    repository.write("run.log", "ignored\n")
    return repository


def of_user(repository: GitRepository) -> dict[str, object]:
    """Look at all that a user could miss: the index as it is, refs, what they were, stashes, the state of each file."""
    folder = repository.path / ".git"
    logs = {str(path): path.read_text() for path in sorted((folder / "logs").rglob("*")) if path.is_file()}
    index = (folder / "index").read_bytes() if (folder / "index").exists() else b""
    refs = repository.attempt("for-each-ref").stdout
    return {"index": index, "logs": logs, "refs": refs, "others": sorted(folder.iterdir())}


def committed(repository: GitRepository) -> str:
    """Commit everything as a user does, and give the tree."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "all of it")
    return repository.git("rev-parse", "HEAD^{tree}")


def test_it_is_what_git_would_commit(edited: GitRepository) -> None:
    """Edits, new files, deletions, renames and intentions; nothing that is ignored."""
    tree = uncommitted.tree(edited.path)

    assert tree == committed(edited)
    assert edited.git("ls-tree", "-r", "--name-only", tree).split() == [
        *(".gitignore", "a", "b", "d/moved", "f", "intended", "new/file"),
    ]


def test_nothing_of_the_users_is_touched(edited: GitRepository) -> None:
    """The index is the same byte for byte; no hook runs, no stash and no reflog entry comes to be."""
    for name in ("reference-transaction", "post-index-change", "pre-commit", "post-commit"):
        hook = edited.write(f".git/hooks/{name}", f"#!/bin/sh\ntouch '{edited.path}/{name}-ran.log'\n")
        hook.chmod(0o755)
    edited.git("config", "core.logAllRefUpdates", "always")
    os.utime(edited.path / "f")  # git would note in the index that it looked
    (edited.path / "post-index-change-ran.log").unlink(missing_ok=True)
    before = of_user(edited)

    uncommitted.changed(edited.path)
    uncommitted.unmerged(edited.path)
    uncommitted.commit(edited.path, uncommitted.tree(edited.path), edited.git("rev-parse", "HEAD"), "captured")

    assert of_user(edited) == before
    assert not list(edited.path.glob("*-ran.log"))


def test_what_python_leaves_behind_is_no_change(repository: GitRepository) -> None:
    """Though nobody told git to ignore it."""
    before = repository.commit({"steps/net.py": "1\n"})
    repository.write("steps/__pycache__/net.cpython-311.pyc", "bytecode")
    repository.write("__pycache__/setup.cpython-311.pyc", "bytecode")

    assert uncommitted.tree(repository.path) == repository.git("rev-parse", f"{before}^{{tree}}")


def test_links_and_modes_are_kept(repository: GitRepository) -> None:
    """A symlink stays one, also to nowhere, and what can be executed still can."""
    repository.commit({"tool": "#!/bin/sh\n"})
    (repository.path / "tool").chmod(0o755)
    (repository.path / "link").symlink_to("nowhere")

    tree = uncommitted.tree(repository.path)

    assert repository.git("ls-tree", "--format=%(objectmode) %(path)", tree).splitlines() == [
        "120000 link",
        "100755 tool",
    ]
    assert (repository.path / "tool").stat().st_mode & stat.S_IXUSR


def test_filters_clean_what_they_clean(repository: GitRepository) -> None:
    """Ends of lines and the filters of attributes are applied as ``git add`` does: what LFS tracks is a pointer."""
    repository.git("config", "filter.short.clean", "head -c 3")
    repository.git("config", "core.safecrlf", "true")
    repository.commit({".gitattributes": "*.txt text eol=lf\n*.big filter=short\n", "a.txt": "1\n"})
    repository.write("a.txt", "1\r\n2\n")
    repository.write("data.big", "0123456789")

    tree = uncommitted.tree(repository.path)

    assert repository.git("cat-file", "blob", f"{tree}:a.txt") == "1\n2"
    assert repository.git("cat-file", "blob", f"{tree}:data.big") == "012"


def test_before_the_first_commit_all_is_uncommitted(repository: GitRepository) -> None:
    """There is no index and no HEAD yet."""
    repository.write("a", "1\n")

    made = uncommitted.commit(repository.path, uncommitted.tree(repository.path), None, "captured")

    assert repository.git("log", "--format=%P%s", made) == "captured"
    assert repository.git("ls-tree", "--name-only", made) == "a"


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_a_sparse_checkout_misses_nothing(repository: GitRepository, cone: str) -> None:
    """What is not checked out is as it was; what was written there by hand counts."""
    repository.commit({"here/a": "1\n", "there/b": "1\n", "there/c": "1\n", "top": "1\n"})
    repository.git("sparse-checkout", "set", cone, "here")
    repository.write("here/a", "2\n")
    repository.write("there/new", "1\n")

    tree = uncommitted.tree(repository.path)

    assert not (repository.path / "there/b").exists()
    names = repository.git("ls-tree", "-r", "--name-only", tree).split()
    assert names == ["here/a", "there/b", "there/c", "there/new", "top"]
    assert repository.git("cat-file", "blob", f"{tree}:here/a") == "2"


def test_a_sparse_index_is_read(repository: GitRepository) -> None:
    """Whole folders are one entry in it."""
    repository.commit({"here/a": "1\n", "there/b": "1\n"})
    repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "here")
    repository.write("here/new", "1\n")
    before = of_user(repository)

    tree = uncommitted.tree(repository.path)

    assert repository.git("ls-tree", "-r", "--name-only", tree).split() == ["here/a", "here/new", "there/b"]
    assert of_user(repository) == before


def test_a_split_index_stays_split(edited: GitRepository) -> None:
    """And no other half of one is left behind."""
    edited.git("update-index", "--split-index")
    before = of_user(edited)

    tree = uncommitted.tree(edited.path)

    assert of_user(edited) == before
    assert tree == committed(edited)


def test_a_submodule_is_the_commit_that_it_is_at(
    repository: GitRepository, make_repository: Callable[[str], GitRepository]
) -> None:
    """As for git: edits inside it are not part of the tree, another commit of it is."""
    inner = make_repository("inner")
    inner.commit({"x": "1\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repository.commit({}, "a submodule")
    before = repository.git("rev-parse", "HEAD^{tree}")
    repository.write("sub/x", "edited\n")
    assert uncommitted.tree(repository.path) == before

    sub = GitRepository(repository.path / "sub")
    newer = sub.commit({"x": "edited\n"})

    assert newer in repository.git("ls-tree", uncommitted.tree(repository.path), "sub")


def test_a_folder_stands_alone(repository: GitRepository) -> None:
    """What is edited, staged or in conflict outside is as HEAD has it."""
    repository.commit({"one/a": "1\n", "two/b": "1\n", "two/c": "1\n"})
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit({"two/c": "theirs\n"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"two/c": "ours\n"})
    repository.attempt("merge", "other")
    repository.write("one/a", "2\n")
    repository.write("two/b", "staged\n")
    repository.git("add", "two/b")
    assert uncommitted.unmerged(repository.path / "one") == []
    assert uncommitted.unmerged(repository.path) == ["two/c"]

    tree = uncommitted.tree(repository.path / "one")

    assert repository.git("diff", "--name-only", "HEAD", tree) == "one/a"


def test_a_file_that_was_edited_within_the_clocks_tick_is_seen(repository: GitRepository) -> None:
    """Git looks into a file that is as new as its index: a copy of the index must not seem newer."""
    repository.git("config", "core.trustctime", "false")
    repository.commit({"a": "1\n"})
    file, index = repository.path / "a", repository.path / ".git/index"
    moment = (1_700_000_000_000_000_000,) * 2
    os.utime(file, ns=moment)
    repository.git("update-index", "--refresh")
    file.write_text("2\n")
    os.utime(file, ns=moment)
    os.utime(index, ns=moment)

    assert repository.git("cat-file", "blob", f"{uncommitted.tree(repository.path)}:a") == "2"


def test_what_git_cannot_add_is_an_error(repository: GitRepository) -> None:
    """A repository inside, without a commit, cannot be named by one."""
    repository.commit({"a": "1\n"})
    (repository.path / "inner").mkdir()
    GitRepository(repository.path / "inner").git("init", "--quiet")
    before = of_user(repository)

    with pytest.raises(GitError, match="inner/"):
        uncommitted.tree(repository.path)
    assert of_user(repository) == before


def test_another_git_that_holds_the_index_is_no_hindrance(edited: GitRepository) -> None:
    """A commit whose message is being written locks the index for as long."""
    edited.write(".git/index.lock", "")

    tree = uncommitted.tree(edited.path)

    Path(edited.path, ".git/index.lock").unlink()
    assert tree == committed(edited)
