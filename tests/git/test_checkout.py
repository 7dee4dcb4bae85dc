"""A checkout beside the working tree holds the files of its tree, and nothing leads out of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import GitError, ZenrepoError
from zenrepo.git.checkout import checkout
from zenrepo.git.links import follow


def make_tree(repository: GitRepository, *entries: tuple[str, bytes, str]) -> str:
    """Write a tree as no git command would: mode, name and object are taken as they are."""
    raw = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
    return put(repository, raw, "tree")


def put(repository: GitRepository, raw: bytes, kind: str = "blob") -> str:
    """Write an object without a check of it."""
    return (
        subprocess.run(
            ["git", "hash-object", "-w", "--literally", "-t", kind, "--stdin"],
            cwd=repository.path,
            input=raw,
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .strip()
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where checkouts go: a folder that is not there yet."""
    return tmp_path / "trees"


@pytest.fixture
def write(repository: GitRepository, place: Path) -> Callable[[str], Path]:
    """Check a tree out."""
    return lambda tree: checkout(repository.path / ".git", tree, place / tree)


def is_clean(place: Path) -> bool:
    """Say whether nothing was written, or nothing stayed."""
    return not place.exists() or not list(place.iterdir())


def test_all_files_are_written(repository: GitRepository, write: Callable[[str], Path], place: Path) -> None:
    """Names of every kind, modes, and symlinks inside the tree come out as they went in."""
    names = ["a b.txt", "ü/é.txt", "line\nbreak.txt", "-dash", ".gitignore", "deep/er/x.sh"]
    for name in names:
        repository.write(name, f"of {name}")
    (repository.path / "deep/er/x.sh").chmod(0o755)
    (repository.path / "deep/link").symlink_to("../ü/é.txt")
    (repository.path / "deep/dangling").symlink_to("er/none")
    repository.git("add", "--all", "--force")
    repository.commit({})
    written = write(repository.git("rev-parse", "HEAD^{tree}"))

    assert {name: (written / name).read_text() for name in names} == {name: f"of {name}" for name in names}
    assert (written / "deep/er/x.sh").stat().st_mode & 0o111
    assert (written / "deep/link").read_text() == "of ü/é.txt"
    assert (written / "deep/dangling").is_symlink()
    assert list(place.iterdir()) == [written]
    assert not repository.git("status", "--porcelain")


@pytest.mark.parametrize(
    "name",
    [
        b".git",
        b".GIT",
        b".Git",
        b"git~1",
        b".git ",
        b".git.",
        b".git::$INDEX_ALLOCATION",
        b".g\xe2\x80\x8cit",
        b".",
        b"..",
    ],
)
@pytest.mark.parametrize("deep", [False, True])
def test_git_folders_are_refused_in_every_spelling(
    repository: GitRepository, write: Callable[[str], Path], place: Path, name: bytes, deep: bool
) -> None:
    """A tree that would write into a git folder, on this file system or another one, is refused, and so are dots."""
    file = put(repository, b"[core]\nfsmonitor = touch pwned\n")
    tree = make_tree(repository, ("40000", name, make_tree(repository, ("100644", b"config", file))))
    tree = make_tree(repository, ("40000", b"sub", tree)) if deep else tree

    with pytest.raises(ZenrepoError, match="cannot be checked out") as caught:
        write(tree)
    assert "config'" in caught.value.message
    assert caught.value.hint
    assert is_clean(place)


@pytest.mark.parametrize(
    "name", [b"/etc/pwned", b"../pwned", b"a/../../pwned", b"a//b", b".git/config", b"../../.git/config"]
)
def test_a_name_with_slashes_leads_nowhere(
    repository: GitRepository, write: Callable[[str], Path], place: Path, name: bytes
) -> None:
    """A single entry whose name is a path, absolute or through dots, is refused."""
    tree = make_tree(repository, ("100644", name, put(repository, b"pwned")))

    with pytest.raises(ZenrepoError):
        write(tree)
    assert is_clean(place)
    assert not Path("/etc/pwned").exists()


@pytest.mark.parametrize(
    "links",
    [
        {"data": "/etc"},
        {"data": ".."},
        {"a/b/c": "../../../x"},
        {"a/up": "../..", "b": "a/up/../x"},
        {"root": ".", "out": "root/../x"},
        {"a/b/up": "../..", "a/b/out": "up/../x"},
        {"one": "two", "two": "three/..", "three": "..", "four": "one"},
        {"ok": "a/file", "a/bad": "//etc/passwd"},
    ],
)
def test_symlinks_that_leave_the_tree_are_refused(
    repository: GitRepository, write: Callable[[str], Path], place: Path, links: dict[str, str]
) -> None:
    """An absolute target, or one that climbs out, directly or over other symlinks, is named with its cure."""
    for name, target in links.items():
        (repository.path / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.path / name).symlink_to(target)
    repository.commit({"a/file": "x"})
    repository.git("add", "--all")
    repository.commit({})

    with pytest.raises(ZenrepoError, match=r"because of '.*': it is a symlink out of the tree, to '") as caught:
        write(repository.git("rev-parse", "HEAD^{tree}"))
    assert "take '" in caught.value.hint
    assert is_clean(place)


@pytest.mark.parametrize(
    ("path", "links", "expected"),
    [
        ("a/b", {}, "a/b"),
        ("a/./b//c/", {}, "a/b/c"),
        ("a/b", {"a": "c/d"}, "c/d/b"),
        ("x/l", {"x/l": "../y/z"}, "y/z"),
        ("a/../b", {"a": "c/d"}, "c/b"),
        ("l", {"l": "."}, ""),
        ("l", {"l": "m", "m": "l"}, "l"),
        ("l", {"l": "l/l"}, "l"),
        ("..", {}, None),
        ("a/b", {"a": "/c"}, None),
    ],
)
def test_links_are_followed_as_a_file_system_does(path: str, links: dict[str, str], expected: str | None) -> None:
    """Dots behind a symlink count from where it leads; a circle stays where it is."""
    assert follow(path, links.get) == expected


def test_submodules_are_empty_folders(repository: GitRepository, write: Callable[[str], Path]) -> None:
    """A submodule's entry is passed over, whatever settings ask for, and so is a mode that git does not know."""
    commit = repository.commit({"file": "x"})
    repository.git("config", "submodule.recurse", "true")
    blob = repository.git("rev-parse", "HEAD:file")
    tree = make_tree(repository, ("60644", b"device", blob), ("100644", b"file", blob), ("160000", b"sub", commit))
    written = write(tree)

    assert sorted(p.name for p in written.iterdir()) == ["device", "file", "sub"]
    assert [list((written / name).iterdir()) for name in ("device", "sub")] == [[], []]


def test_filters_and_line_ends_are_those_of_a_checkout(repository: GitRepository, write: Callable[[str], Path]) -> None:
    """The attributes of the tree count, not those of the working tree, and sparse checkouts leave nothing out."""
    repository.commit({".gitattributes": "*.txt text eol=crlf\n", "a.txt": "x\ny\n", "b/c.bin": b"x\ny\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    repository.git("sparse-checkout", "set", "nothing")
    repository.write(".gitattributes", "")
    written = write(tree)

    assert (written / "a.txt").read_bytes() == b"x\r\ny\r\n"
    assert (written / "b/c.bin").read_bytes() == b"x\ny\n"


def test_no_hook_and_no_monitor_is_started(
    repository: GitRepository, write: Callable[[str], Path], tmp_path: Path
) -> None:
    """Writing a tree runs nothing of the user's but filters."""
    repository.commit({"file": "x"})
    program = repository.write(".git/hooks/post-index-change", f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    program.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(program))
    write(repository.git("rev-parse", "HEAD^{tree}"))

    assert not (tmp_path / "ran").exists()


def test_what_is_missing_leaves_nothing_behind(
    repository: GitRepository, write: Callable[[str], Path], place: Path
) -> None:
    """A tree whose file this clone lacks fails as git says, and the folder is as before."""
    tree = make_tree(repository, ("100644", b"file", "1" * 40))

    with pytest.raises(GitError, match="1111111"):
        write(tree)
    assert is_clean(place)


def test_a_second_checkout_uses_the_first(repository: GitRepository, write: Callable[[str], Path]) -> None:
    """What is there is whole."""
    repository.commit({"file": "x"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    (write(tree) / "made").touch()

    assert (write(tree) / "made").exists()
