"""What a version is called, and which versions HEAD's history has, depends on the history alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.lookup import Version, versions
from zenrepo.git.locate import locate

STEP = "from zenrepo.steps import TrainerStep\n\n\nclass Step(TrainerStep):\n    value = {}\n"
TYPE = "steps.a.Step"


def listed(repository: GitRepository, *, every_ref: bool = True) -> list[tuple[str, str, str]]:
    """Give type, digest and label of each version, as they are listed."""

    def row(version: Version) -> tuple[str, str, str]:
        return version.row.type, version.row.code_digest, version.row.commit

    return [row(version) for version in versions(locate(repository.path), every_ref=every_ref)]


def without_index(repository: GitRepository, *, every_ref: bool = True) -> list[tuple[str, str, str]]:
    """Give the same from an index that is made anew."""
    locate(repository.path).index_db.unlink()
    return listed(repository, every_ref=every_ref)


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository with one version of one step."""
    repository.commit({".zenml/config.yaml": "version: 1\n", "steps/a.py": STEP.format(0)})
    return repository


def clone(project: GitRepository, folder: Path) -> GitRepository:
    """Clone the first branch alone."""
    project.git("clone", "--quiet", "--single-branch", "--branch", "main", str(project.path), str(folder))
    return GitRepository(folder)


def test_clones_that_fetch_branches_in_another_order_name_versions_alike(
    project: GitRepository, tmp_path: Path
) -> None:
    """Two branches that came to the same code: the version is named by the commit that was made first."""
    for branch, day in (("late", 3), ("early", 2)):
        project.git("checkout", "--quiet", "-b", branch, "main")
        project.write("steps/a.py", STEP.format(1))
        date = {"GIT_AUTHOR_DATE": f"2030-01-0{day} 12:00", "GIT_COMMITTER_DATE": f"2030-01-0{day} 12:00"}
        project.git("commit", "--quiet", "--all", "--message", branch, **date)
    early = project.git("rev-parse", "early")
    answers = []
    for order in (["late", "early"], ["early", "late"]):
        copy = clone(project, tmp_path / order[0])
        for branch in order:
            copy.git("fetch", "--quiet", "origin", f"{branch}:{branch}")
            listed(copy)
        answers += [listed(copy), without_index(copy)]

    assert answers[0][0] == (TYPE, answers[0][0][1], early)
    assert answers == [answers[0]] * 4


def test_a_revert_does_not_rename_a_version(project: GitRepository) -> None:
    """Whatever the clocks say, a commit comes after its parents."""
    first = project.git("rev-parse", "HEAD")
    project.commit({"steps/a.py": STEP.format(1)})
    project.write("steps/a.py", STEP.format(0))
    project.git("commit", "--quiet", "--all", "--message", "revert", GIT_AUTHOR_DATE="2001-01-01 12:00")

    assert [label for _, _, label in listed(project)][-1] == first


def test_versions_of_head_are_those_of_its_history(project: GitRepository) -> None:
    """Through commits, amendments, switches, merges, resets and fetches: a followed answer is that of a new index."""
    chance = random.Random(3)
    branches = ["main"]
    for number in range(40):
        action = chance.randrange(8)
        if action == 0 and len(branches) < 4:
            branches.append(f"b{number}")
            project.git("checkout", "--quiet", "-b", branches[-1])
        elif action == 1:
            project.git("checkout", "--quiet", chance.choice(branches))
        elif action == 2:
            project.attempt("merge", "--quiet", "--no-edit", "-X", "ours", chance.choice(branches))
        elif action == 3:
            project.attempt("reset", "--quiet", "--hard", "HEAD~1")
        elif action == 4:
            project.write("steps/a.py", STEP.format(1000 + number))
            project.git("commit", "--quiet", "--all", "--amend", "--message", f"amended {number}")
        else:
            project.commit({f"steps/{chance.choice('ab')}.py": STEP.format(number)}, f"change {number}")
        reached = set(project.git("rev-list", "HEAD").split())
        followed = listed(project, every_ref=False)
        assert {label for _, _, label in followed} <= reached
        if number % 4 == 0:
            assert followed == without_index(project, every_ref=False)
