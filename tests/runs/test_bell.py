"""A worker that waits is told of a commit; no other process is started for it."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from tests.conftest import GitRepository
from zenrepo.git.locate import locate
from zenrepo.repo import Repository
from zenrepo.runs.journal import QUEUED, Journal
from zenrepo.runs.processes.bell import Bell, ring

PIPELINE = """\
version: 1
name: p
kind: custom
steps:
  one: {type: steps.own.One}
"""
STEP = """\
from zenrepo.steps import CustomStep
class One(CustomStep):
    pass
"""


def test_a_hook_rings_the_bell_of_the_worker_that_waits(repository: GitRepository) -> None:
    """Though git starts it with another Python path; the variables of the commit come along."""
    Repository.init_repo(repository.path)
    layout = locate(repository.path)
    repository.write(".zenml/pipelines/p.yaml", PIPELINE)
    repository.write("steps/own.py", STEP)
    repository.git("add", ".")

    with TemporaryDirectory() as short, Bell(layout, short) as bell:
        repository.git("commit", "--quiet", "--message", "one", TEA="green")
        said = bell.last() or {}

    assert said["TEA"] == "green"
    with Journal(layout.runs_db) as journal:
        assert [run.state for run in journal.runs()] == [QUEUED]
    assert not layout.worker_log.exists()


def test_nobody_hears_where_no_worker_waits(repository: GitRepository) -> None:
    """Nor where one that did is gone."""
    Repository.init_repo(repository.path, hooks=False)
    layout = locate(repository.path)
    assert not ring(layout)

    with TemporaryDirectory() as short:
        Bell(layout, short).close()

    assert not ring(layout)
