"""A hundred commits in a burst, made by git with its hooks: all are in the journal, once, in their order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.execution.superseded import Superseding, supersede
from zenrepo.flows.intake import hooks
from zenrepo.flows.intake.postponed import postponed, settle
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, QUEUED, Journal
from zenrepo.runs.processes.staying import stays

POLICIES = ("queue", "latest", "cancel-running")
PIPELINE = """\
version: 1
name: {name}
kind: custom
trigger: {{on: [commit], superseded: {name}}}
steps:
  one: {{type: steps.{module}.One}}
"""
STEP = "from zenrepo.steps import CustomStep\nclass One(CustomStep):\n    value = {}\n"
COMMITS = 100


def step_of(policy: str) -> str:
    """Give the file of the step that a pipeline has to itself."""
    return f"steps/{policy.replace('-', '_')}.py"


def touched(number: int) -> tuple[str, ...]:
    """Say which pipelines a commit touches: all of them, or one, or none."""
    return POLICIES if number % 10 == 0 else POLICIES[number % 5 : number % 5 + 1]


@pytest.fixture
def project(repository: GitRepository) -> Iterator[GitRepository]:
    """A repository with a pipeline of each policy and hooks; no worker starts, as one seems to stay."""
    files: dict[str, str | bytes | None] = {".zenml/config.yaml": "version: 1\n"}
    for policy in POLICIES:
        files[f".zenml/pipelines/{policy}.yaml"] = PIPELINE.format(name=policy, module=policy.replace("-", "_"))
        files[step_of(policy)] = STEP.format("'first'")
    repository.commit(files | {"README.md": "text"})
    repository.trust()
    layout = locate(repository.path)
    hooks.install(layout)
    with stays(layout):
        yield repository


def commit(project: GitRepository, number: int) -> str:
    """Commit a new version of what a commit of the burst touches, and give what its hook said."""
    project.write("README.md", str(number))
    for policy in touched(number):
        project.write(step_of(policy), STEP.format(number))
    return project.attempt("commit", "--quiet", "--all", "--message", str(number)).stderr


@contextmanager
def writing(layout: Layout) -> Iterator[None]:
    """Write the index, as another process may for minutes."""
    with closing(sqlite3.connect(layout.index_db, isolation_level=None)) as index:
        index.execute("begin immediate")
        yield


def test_a_hundred_commits_in_a_burst_are_run_as_each_pipeline_says(project: GitRepository) -> None:
    """Also those that a hook had to leave to somebody else: the hook of the next commit, or the worker."""
    layout = locate(project.path)
    commit(project, 0)
    with Journal(layout.runs_db) as journal:
        running = {run.pipeline: run for run in iter(journal.take, None)}

    said = [commit(project, number) for number in range(1, 50)]
    with writing(layout):
        said += [commit(project, number) for number in range(50, 52)]
    said += [commit(project, number) for number in range(52, COMMITS - 2)]
    with writing(layout):
        said += [commit(project, number) for number in range(COMMITS - 2, COMMITS)]
    assert len(postponed(layout)) == 2
    settle(layout)

    commits = project.git("rev-list", "--reverse", "HEAD").split()[1:]
    wanted = [(sha, pipeline) for number, sha in enumerate(commits) for pipeline in touched(number)]
    with Journal(layout.runs_db) as journal:
        queued = [(run.commit, run.pipeline) for run in reversed(journal.runs())]
        stopped = {name for name, run in running.items() if Superseding(layout, run)(journal)}
        supersede(layout, journal)
        left = {policy: [run.commit for run in reversed(journal.runs(policy, state=QUEUED))] for policy in POLICIES}
        canceled = {policy: len(journal.runs(policy, state=CANCELED)) for policy in POLICIES}

    assert [sha for sha, _ in queued] == [sha for sha, _ in wanted]
    assert sorted(queued) == sorted(wanted)
    assert [number for number, text in enumerate(said, 1) if "another process" in text] == [50, 51, 98, 99]
    assert f"earlier commit {commits[51][:7]}: queued run" in said[51]
    assert set(running) == set(POLICIES)
    assert stopped == {"cancel-running"}
    of = {policy: [sha for sha, pipeline in wanted[3:] if pipeline == policy] for policy in POLICIES}
    assert left == {"queue": of["queue"], "latest": of["latest"][-1:], "cancel-running": of["cancel-running"][-1:]}
    assert canceled == {policy: len(of[policy]) - len(left[policy]) for policy in POLICIES}
