"""What becomes of the runs of older commits is said in the trigger of the newest."""

from __future__ import annotations

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import UsageError
from zenrepo.flows.execution.resume import resume
from zenrepo.flows.execution.superseded import Superseding, supersede
from zenrepo.flows.intake.postponed import postpone
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import read
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, QUEUED, Journal

FILE = ".zenml/pipelines/p.yaml"
PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {{on: [commit], superseded: {policy}}}
steps:
  one: {{type: steps.own.One}}
"""


def queue(repository: GitRepository, journal: Journal, policy: str, reason: str = "its file changed") -> str:
    """Commit the pipeline with a policy, and queue its run; return the commit."""
    repository.commit({".zenml/config.yaml": "version: 1\n", FILE: PIPELINE.format(policy=policy)})
    commit = repository.git("rev-parse", "HEAD").strip()
    journal.add("p", commit, repository.path, reason)
    return commit


def states(journal: Journal) -> list[str]:
    """Give the states of all runs, the first first."""
    return [run.state for run in reversed(journal.runs())]


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """A repository that is set up."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    return locate(repository.path)


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("queue", [QUEUED] * 3),
        ("latest", [CANCELED, CANCELED, QUEUED]),
        ("cancel-running", [CANCELED, CANCELED, QUEUED]),
    ],
)
def test_the_newest_commit_says_which_older_runs_wait_on(
    repository: GitRepository, layout: Layout, policy: str, left: list[str]
) -> None:
    """By default all of them do."""
    with Journal(layout.runs_db) as journal:
        for each in ("queue", "latest", policy):
            queue(repository, journal, each)

        supersede(layout, journal)

        assert states(journal) == left
        if policy != "queue":
            assert journal.run(1).message == f"run 3, at {journal.run(3).commit[:7]}, superseded it"


def test_a_run_by_hand_supersedes_nothing_and_is_never_superseded(repository: GitRepository, layout: Layout) -> None:
    """Somebody waits for it."""
    with Journal(layout.runs_db) as journal:
        queue(repository, journal, "latest", "asked for")
        queue(repository, journal, "latest")
        queue(repository, journal, "latest", "asked for, resumes run 1")

        supersede(layout, journal)

        assert states(journal) == [QUEUED] * 3


def test_a_run_of_another_branch_is_not_superseded(repository: GitRepository, layout: Layout) -> None:
    """One that was amended away is."""
    with Journal(layout.runs_db) as journal:
        queue(repository, journal, "latest")
        repository.git("switch", "--quiet", "--create", "other", "HEAD~")
        queue(repository, journal, "'latest'")
        repository.git("commit", "--quiet", "--amend", "--message", "amended")
        journal.add("p", repository.git("rev-parse", "HEAD").strip(), layout.root, "its file changed")

        supersede(layout, journal)

        assert states(journal) == [QUEUED, CANCELED, QUEUED]


@pytest.mark.parametrize(("policy", "stops"), [("queue", False), ("latest", False), ("cancel-running", True)])
def test_a_run_is_stopped_for_a_newer_one_where_that_is_said(
    repository: GitRepository, layout: Layout, policy: str, stops: bool
) -> None:
    """And not before there is one."""
    with Journal(layout.runs_db) as journal:
        queue(repository, journal, "queue")
        run = journal.take()
        assert run is not None
        superseded = Superseding(layout, run)
        assert superseded(journal) == ""

        commit = queue(repository, journal, policy)

        assert superseded(journal) == (f"run 2, at {commit[:7]}, superseded it" if stops else "")


def test_a_run_is_stopped_for_a_commit_that_waits_too(repository: GitRepository, layout: Layout) -> None:
    """Its hook could not take it in; nobody else would, as long as the worker is at work."""
    with Journal(layout.runs_db) as journal:
        repository.commit({"steps/own.py": "from zenrepo.steps import CustomStep\nclass One(CustomStep): pass\n"})
        queue(repository, journal, "cancel-running")
        repository.trust()
        run = journal.take()
        assert run is not None
        commit = repository.commit(
            {"steps/own.py": "from zenrepo.steps import CustomStep\nclass One(CustomStep): a = 1\n"}
        )
        postpone(layout, commit)

        assert Superseding(layout, run)(journal) == f"run 2, at {commit[:7]}, superseded it"


def test_a_policy_that_is_not_known_is_refused() -> None:
    """With the line, and what was meant."""
    with pytest.raises(
        UsageError, match="unknown policy for superseded runs 'lates'\nhint: did you mean 'latest'"
    ) as caught:
        read(PIPELINE.format(policy="lates").encode(), FILE)
    assert f"{FILE}:4" in str(caught.value)


def test_only_what_has_ended_without_success_is_resumed(repository: GitRepository, layout: Layout) -> None:
    """And only where its commit is still there."""
    with Journal(layout.runs_db) as journal:
        queue(repository, journal, "queue")
        with pytest.raises(UsageError, match="run 1 of 'p' is queued: it has not ended"):
            resume(layout, 1)
        journal.take()
        with pytest.raises(UsageError, match="run 1 of 'p' is running: it has not ended"):
            resume(layout, 1)
        journal.end(1, COMPLETE)
        with pytest.raises(UsageError, match="run 1 of 'p' is complete: there is nothing to resume"):
            resume(layout, 1)
        journal.add("p", "c" * 40, layout.root, "its file changed")
        journal.take()
        journal.end(2, FAILED)
        with pytest.raises(UsageError, match="executes commit cccccccccccc, which is gone"):
            resume(layout, 2)
