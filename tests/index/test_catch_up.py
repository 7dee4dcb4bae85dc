"""The index holds what an independent look at every commit finds."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.git.locate import locate
from zenrepo.index.catch_up import catch_up
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import Layout
from zenrepo.sources.discover import Tree
from zenrepo.sources.modules import modules_of
from zenrepo.sources.read import read_module

STEP = "from zenrepo.steps import TrainerStep\nimport lib.{helper}\n\n\nclass Step(TrainerStep):\n    value = {value}\n"


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository whose first commit holds one step with a helper."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\n",
            "steps/a.py": STEP.format(helper="x", value=1),
            "lib/x.py": "X = 1\n",
            "notes.txt": "",
        },
        "first",
    )
    return repository


def layout_of(repository: GitRepository) -> Layout:
    """Describe a repository."""
    return locate(repository.path)


def rows(repository: GitRepository) -> list[VersionRow]:
    """Catch up and give every row."""
    layout = layout_of(repository)
    with Index(layout.index_db) as index:
        catch_up(index, layout)
        return index.versions()


def changes(repository: GitRepository) -> list[tuple[str, str, str]]:
    """Give type, subject and change of every row."""
    return [(row.type, row.subject, row.change) for row in rows(repository)]


def look(repository: GitRepository, commit: str) -> dict[str, str]:
    """Find the code digests of one commit by checking its files out, without the index."""
    files = {}
    for path in repository.git("ls-tree", "-r", "--name-only", "-z", commit).split("\0")[:-1]:
        files[path] = repository.git("show", f"{commit}:{path}") + "\n" if path.endswith(".py") else ""
    tree = Tree(modules_of({p: p for p in files}, ["."]), lambda blob: read_module(files[blob].encode()))
    return {name: version.code_digest for name, version in tree.steps().items()}


def expected(repository: GitRepository) -> set[tuple[str, str, str]]:
    """Find (type, commit, digest) wherever a commit has a digest that none of its parents has."""
    found = set()
    for line in repository.git("rev-list", "--parents", "--all", "HEAD").splitlines():
        commit, *parents = line.split()
        before = [look(repository, parent) for parent in parents]
        for name, digest in look(repository, commit).items():
            if all(old.get(name) != digest for old in before):
                found.add((name, commit, digest))
    return found


def found(repository: GitRepository) -> set[tuple[str, str, str]]:
    """Give (type, commit, digest) of every row."""
    return {(row.type, row.commit, row.code_digest) for row in rows(repository)}


def test_each_kind_of_change_is_told_apart(project: GitRepository) -> None:
    """A new version says what made it; comments, formatting and other files make none."""
    project.commit({"notes.txt": "unrelated"}, "notes")
    project.commit({"steps/a.py": "# comment\n" + STEP.format(helper="x", value="( 1 )")}, "format")
    project.commit({"lib/x.py": "X = 2\n"}, "helper")
    project.commit({"lib/z.py": "Z = 1\n"}, "not imported")
    project.commit({"steps/a.py": STEP.format(helper="x", value=2)}, "class")
    project.commit({"steps/a.py": STEP.format(helper="x", value=2) + "VALUE = 1\n"}, "module")
    project.commit({"lib/x.py": None}, "gone")

    assert changes(project) == [
        ("steps.a.Step", "first", "new"),
        ("steps.a.Step", "helper", "helper lib/x.py"),
        ("steps.a.Step", "class", "class"),
        ("steps.a.Step", "module", "module"),
        ("steps.a.Step", "gone", "helper lib/x.py"),
    ]


def test_a_revert_comes_back_to_the_old_version(project: GitRepository) -> None:
    """The digest of a reverted commit is the one from before."""
    project.commit({"lib/x.py": "X = 2\n"}, "helper")
    project.git("revert", "--no-edit", "HEAD")

    first, _, reverted = rows(project)
    assert first.code_digest == reverted.code_digest


@pytest.mark.parametrize(
    "make",
    [
        lambda r: r.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "amended"),
        lambda r: r.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "plumbing"),
        lambda r: (r.git("checkout", "--quiet", "--detach"), r.commit({"lib/x.py": "X = 9\n"}, "detached")),
        lambda r: (r.git("tag", "old"), r.git("reset", "--quiet", "--hard", "HEAD~1")),
        lambda r: (
            r.git("checkout", "--quiet", "-b", "side", "HEAD~1"),
            r.commit({"lib/x.py": "X = 7\n"}, "side"),
            r.git("rebase", "--quiet", "-X", "theirs", "main"),
        ),
        lambda r: (
            r.git("checkout", "--quiet", "-b", "side", "HEAD~1"),
            r.commit({"steps/b.py": STEP.format(helper="x", value=5)}, "side"),
            r.git("merge", "--quiet", "--no-edit", "main"),
        ),
        lambda r: (r.git("gc", "--quiet", "--prune=now"), r.git("pack-refs", "--all")),
    ],
)
def test_commits_that_no_hook_saw_are_there_at_the_next_look_up(
    project: GitRepository, make: Callable[[GitRepository], object]
) -> None:
    """However a commit came to be, an index that was there before catches up with it."""
    project.commit({"lib/x.py": "X = 2\n"}, "second")
    rows(project)
    make(project)

    missing = expected(project) - found(project)
    assert not missing


def test_a_random_history_with_merges_is_indexed_right(project: GitRepository) -> None:
    """Rows of branches, merges and deletions equal those of a look at every commit, caught up with or made anew."""
    chance = random.Random(7)
    branches = ["main"]
    for number in range(60):
        project.git("checkout", "--quiet", chance.choice(branches))
        action = chance.random()
        if action < 0.15 and len(branches) < 4:
            branches.append(f"b{number}")
            project.git("checkout", "--quiet", "-b", branches[-1])
        elif action < 0.35 and len(branches) > 1:
            project.attempt("merge", "--quiet", "--no-edit", "-X", "ours", chance.choice(branches))
            project.git("add", "--all")
            project.attempt("commit", "--quiet", "--no-edit")
        else:
            name = f"{chance.choice(['steps', 'lib', 'steps/deep'])}/{chance.choice('axy')}.py"
            helper, value = chance.choice("xyz"), chance.randrange(4)
            text = chance.choice(
                [STEP.format(helper=helper, value=value), f"V = {value}\n", f"from steps.a import {helper}\n"]
            )
            project.commit({name: text}, f"change {number}")
        if chance.random() < 0.2:
            rows(project)

    assert found(project) == expected(project)
    again = rows(project)
    layout_of(project).index_db.unlink()
    assert {row.commit + row.type for row in rows(project)} == {row.commit + row.type for row in again}


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_index_is_made_anew(project: GitRepository, damage: bytes) -> None:
    """The index is a cache: whatever stands in its place, the answers are the same."""
    before = rows(project)
    layout_of(project).index_db.write_bytes(damage)

    assert rows(project) == before


def test_an_index_of_another_release_is_made_anew(project: GitRepository) -> None:
    """Another schema number means another meaning."""
    before = rows(project)
    with closing(sqlite3.connect(layout_of(project).index_db, isolation_level=None)) as database:
        database.execute("pragma user_version = 99")

    assert rows(project) == before


def test_linked_worktrees_share_the_index(project: GitRepository, tmp_path: Path) -> None:
    """A commit of one worktree is known in all."""
    project.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "linked")
    linked = GitRepository(tmp_path / "linked")
    linked.commit({"lib/x.py": "X = 5\n"}, "from the linked worktree")

    assert layout_of(linked).index_db == layout_of(project).index_db
    assert found(project) == expected(project)


def test_a_project_in_a_subfolder_sees_its_own_files_only(repository: GitRepository) -> None:
    """Step types of a project inside a larger repository start from the project's folder."""
    repository.commit(
        {"ml/.zenml/config.yaml": "version: 1\n", "ml/a.py": STEP.format(helper="x", value=1), "b.py": "import ml.a\n"}
    )
    layout = locate(repository.path / "ml")
    with Index(layout.index_db) as index:
        catch_up(index, layout)
        assert [row.type for row in index.versions()] == ["a.Step"]


def test_file_names_of_any_kind_are_read(project: GitRepository) -> None:
    """Spaces, newlines, quotes and other alphabets in names neither stop nor confuse the index."""
    step = STEP.format(helper="x", value=3)
    project.commit({"strange name/a.py": step, "zwölf/schritt.py": step, 'new\nline"/b.py': step, "tab\t.py": step})

    assert {row.type for row in rows(project)} == {"steps.a.Step", "zwölf.schritt.Step"}


def test_replaced_commits_are_read_again(project: GitRepository) -> None:
    """``git replace`` gives a tip another history, and the index with it."""
    project.commit({"lib/x.py": "X = 2\n"}, "second")
    rows(project)
    project.git("replace", "--graft", "HEAD")

    assert [row.subject for row in rows(project)] == ["second"]
    project.git("replace", "--delete", project.git("rev-parse", "HEAD"))
    assert [row.subject for row in rows(project)] == ["first", "second"]


def test_broken_settings_of_long_ago_stop_no_look_up(project: GitRepository) -> None:
    """A commit whose settings cannot be read has the default source roots."""
    project.commit({".zenml/config.yaml": "source_roots: 7\n", "lib/x.py": "X = 2\n"}, "broken")
    project.commit({".zenml/config.yaml": "version: 1\n"}, "mended")

    assert [row.subject for row in rows(project)] == ["first", "broken"]


def test_a_class_that_becomes_a_step_elsewhere_is_found(project: GitRepository) -> None:
    """An edit of a file without any class may make a step of a class in another file."""
    project.commit({"bases.py": "Base = object\n", "s.py": "from bases import Base\nclass A(Base): pass\n"}, "none")
    rows(project)
    project.commit({"bases.py": "from zenrepo.steps import TrainerStep as Base\n"}, "one")

    assert [row.type for row in rows(project)][-1] == "s.A"


def test_what_no_ref_reaches_any_more_is_forgotten(project: GitRepository) -> None:
    """After an amend the version is named by the commit that took the place of the lost one, as in a new index."""
    project.commit({"lib/x.py": "X = 2\n"}, "lost")
    rows(project)
    project.git("commit", "--quiet", "--amend", "--message", "kept")
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--quiet", "--prune=now")

    assert [row.subject for row in rows(project)] == ["first", "kept"]


def test_two_detached_worktrees_do_not_add_each_others_rows_again(project: GitRepository, tmp_path: Path) -> None:
    """The HEADs of all working trees count for all of them."""
    project.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked")
    linked.commit({"lib/x.py": "X = 5\n"}, "there")
    project.git("checkout", "--quiet", "--detach")
    project.commit({"lib/x.py": "X = 6\n"}, "here")
    for _ in range(3):
        rows(linked)

    assert sorted(row.subject for row in rows(project)) == ["first", "here", "there"]


def test_a_commit_without_a_date_is_read(project: GitRepository) -> None:
    """Old imports have such commits."""
    tree = project.git("rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor A <a@b>\ncommitter A <a@b> 99999999999999999 +0000\n\nodd\n"
    project.write("odd", text)
    commit = project.git("hash-object", "-t", "commit", "-w", "--literally", "odd")
    project.git("update-ref", "refs/heads/odd", commit)

    assert "odd" in [row.subject for row in rows(project)]
