"""What is trusted is kept outside the clone, of which it is kept, and stands for that very clone alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo import trust
from zenrepo.errors import NotTrusted, ZenrepoError
from zenrepo.git.locate import locate
from zenrepo.layout import Layout

KEEP = """\
import sys
from zenrepo import trust
from zenrepo.layout import Layout
trust.keep(Layout(*sys.argv[1:3]), {sys.argv[3]: "on: [commit]\\n"})
"""


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """Where a trusted repository keeps things."""
    repository.write(".zenml/config.yaml", "version: 1\n")
    found = locate(repository.path)
    trust.keep(found, {"p": "on: [commit]\n"})
    return found


def knows(folder: Path) -> bool:
    """Say whether the trigger of ``p`` is trusted of the repository in a folder."""
    record = trust.read(locate(folder))
    return record is not None and record.knows("p", "on: [commit]\n")


def test_it_is_kept_outside_the_repository(layout: Layout, home: Path) -> None:
    """What a clone holds alone says nothing, and only its user may look."""
    record = trust.file_of(layout)

    assert knows(layout.root)
    assert record.is_relative_to(home)
    assert record.parent.stat().st_mode & 0o077 == 0


def test_a_copy_is_not_trusted(layout: Layout, tmp_path: Path) -> None:
    """Though it holds the token: nobody knows who changed what in it."""
    shutil.copytree(layout.root, tmp_path / "copy")

    assert not knows(tmp_path / "copy")
    assert knows(layout.root)


def test_a_copy_that_is_trusted_takes_nothing_from_the_original(layout: Layout, tmp_path: Path) -> None:
    """It gets a token of its own, with which no other copy at its place is trusted."""
    shutil.copytree(layout.root, tmp_path / "copy")
    trust.keep(locate(tmp_path / "copy"), {"p": "on: [commit]\n"})
    both = knows(tmp_path / "copy"), knows(layout.root)
    shutil.rmtree(tmp_path / "copy")
    shutil.copytree(layout.root, tmp_path / "copy")

    assert both == (True, True)
    assert not knows(tmp_path / "copy")


def test_a_repository_that_was_moved_is_asked_about_again(layout: Layout, tmp_path: Path) -> None:
    """At its old place it is trusted as before."""
    moved = layout.root.rename(tmp_path / "moved")
    there = knows(moved)
    back = moved.rename(layout.root)

    assert not there
    assert knows(back)


def test_another_clone_at_the_path_is_a_stranger(layout: Layout, repository: GitRepository) -> None:
    """One that was made there anew, and one that brought a token with it."""
    shutil.rmtree(layout.root)
    repository.path.mkdir()
    repository.git("init", "--quiet")
    repository.write(".zenml/config.yaml", "version: 1\n")
    without = knows(layout.root)
    layout.private.mkdir()
    (layout.private / trust.TOKEN).write_text("0" * 32)

    assert not without
    assert not knows(layout.root)


def test_the_record_of_one_clone_says_nothing_of_another(
    layout: Layout, tmp_path: Path, repository: GitRepository
) -> None:
    """Though somebody gave it the other's name and token."""
    repository.git("init", "--quiet", str(tmp_path / "other"))
    other = GitRepository(tmp_path / "other")
    other.write(".zenml/config.yaml", "version: 1\n")
    there = locate(other.path)
    there.private.mkdir()
    shutil.copy(layout.private / trust.TOKEN, there.private)
    shutil.copy(trust.file_of(layout), trust.file_of(there))

    assert not knows(other.path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"version: 1\n", "key 'repository' is missing"),
        (b"version: 2\n", "version 2 is newer than this release reads"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"", "is empty"),
        (b"version: 1\nrepository: /x\ntoken: y\ntriggers: yes\n", "must be a map"),
        (b"version: 1\nrepository: /x\ntoken: y\nmerges: 1\n", "must be a boolean"),
    ],
)
def test_a_record_that_cannot_be_read_trusts_nothing(layout: Layout, text: bytes, said: str) -> None:
    """It is named, and trusting again writes it anew."""
    trust.file_of(layout).write_bytes(text)
    with pytest.raises(NotTrusted) as refused:
        trust.read(layout)
    trust.keep(layout, {"p": "on: [commit]\n"})

    assert str(trust.file_of(layout)) in refused.value.message
    assert said in refused.value.message
    assert refused.value.exit_code == 4
    assert knows(layout.root)


def test_what_cannot_be_kept_is_said_with_the_place(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is trusted then."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(ZenrepoError) as refused:
        trust.keep(layout, {})

    assert str(tmp_path / "file") in refused.value.message
    assert "XDG_STATE_HOME" in refused.value.hint


def test_what_is_forgotten_is_not_extended(layout: Layout) -> None:
    """A hook that is at work while the user takes the trust back gives none."""
    was = trust.forget(layout)
    trust.extend(layout, {"q": "on: [commit]\n"})

    assert was
    assert trust.read(layout) is None
    assert not trust.forget(layout)


def test_many_processes_lose_nothing(layout: Layout) -> None:
    """Each adds what it trusts to what the others do."""
    command = [sys.executable, "-c", KEEP, layout.folder, layout.git_folder]
    for process in [subprocess.Popen([*command, f"q{number}"]) for number in range(6)]:
        assert process.wait() == 0
    record = trust.read(layout)

    assert record is not None
    assert sorted(record.triggers) == ["p", "q0", "q1", "q2", "q3", "q4", "q5"]
