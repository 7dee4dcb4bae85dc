"""A resumed run sees the data that the run saw which it goes on with, and knows its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.execution.resume import cancel_all
from zenrepo.flows.planning.resolve import resolve
from zenrepo.flows.planning.resumed import resumed_number
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, FAILED, RUNNING, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.plan import Limits, Plan, PlannedStep

PIPELINE = """\
version: 1
name: p
kind: custom
timeout: 1 d
steps:
  taken:
    type: zenrepo.steps.DatasourceStep
    args: {datasource: tea}
  read:
    type: zenrepo.steps.CSVDataStep
    args: {path: https://example.org/a.csv}
    timeout: 90 s
    retries: {times: 2, wait: 1 min}
"""


@pytest.fixture
def layout(repository: GitRepository) -> Layout:
    """A repository with a pipeline that takes data from a datasource and from an address."""
    repository.commit({".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/p.yaml": PIPELINE})
    return locate(repository.path)


@pytest.fixture
def journal(layout: Layout) -> Iterator[Journal]:
    """Its journal."""
    with Journal(layout.runs_db) as journal:
        yield journal


def keep(layout: Layout, commit: str) -> None:
    """Add a commit of the datasource."""
    folder = layout.artifacts / "datasources/tea"
    (folder / commit).mkdir(parents=True)
    manifest = {"rows": 1, "types": {}, "notes": []}
    (folder / commit / "manifest.json").write_text(json.dumps(manifest))
    with (folder / "log.jsonl").open("a") as log:
        log.write(json.dumps({"id": commit, "time": 0, "run": "tea-1", "git_commit": ""}) + "\n")


def failed(repository: GitRepository, layout: Layout, journal: Journal, resumes: Run | None = None) -> Run:
    """Add a run that has failed after it was planned."""
    options = Options(resumes=resumed_number(layout, resumes) if resumes else 0)
    run = journal.add("p", repository.git("rev-parse", "HEAD"), layout.root, "asked for", options=options)
    journal.take()
    journal.end(run.number, FAILED)
    return journal.run(run.number)


def planned(layout: Layout, run: Run) -> list[PlannedStep]:
    """Plan a run as the worker does, and give its steps as they are read back."""
    plan = resolve(layout, run)
    file = layout.run(run.id) / "plan.json"
    file.parent.mkdir(parents=True)
    plan.write(file)
    return Plan.read(file).steps


def test_latest_is_what_it_was(repository, layout, journal):
    """A commit of the datasource that was made since is for new runs, however often the first is resumed."""
    keep(layout, "a" * 64)
    first = failed(repository, layout, journal)
    seen = planned(layout, first)
    keep(layout, "b" * 64)

    second = failed(repository, layout, journal, first)
    again = planned(layout, second)
    third = planned(layout, failed(repository, layout, journal, second))

    assert again == seen
    assert third == seen
    assert planned(layout, failed(repository, layout, journal))[0].args["commit"] == "b" * 64


def test_what_was_read_from_an_address_is_used_again(repository, layout, journal):
    """Though nobody knows whether it is the same: the run goes on with what it has."""
    keep(layout, "a" * 64)
    first = failed(repository, layout, journal)

    [seen] = planned(layout, first)[1].inputs.values()
    [again] = planned(layout, failed(repository, layout, journal, first))[1].inputs.values()
    [new] = planned(layout, failed(repository, layout, journal))[1].inputs.values()

    assert again == seen
    assert new != seen


def test_a_run_that_was_never_planned_has_nothing_to_go_on_with(repository, layout, journal):
    """What resumes it sees the data of today, and is what a further one goes on with."""
    first = failed(repository, layout, journal)
    keep(layout, "a" * 64)

    second = failed(repository, layout, journal, first)
    seen = planned(layout, second)
    keep(layout, "b" * 64)

    assert planned(layout, failed(repository, layout, journal, second)) == seen


def test_a_plan_says_the_limits(repository, layout, journal):
    """In seconds, as the pipeline file has them."""
    keep(layout, "a" * 64)
    run = failed(repository, layout, journal)

    taken, read = planned(layout, run)

    assert taken.limits == Limits()
    assert read.limits == Limits(timeout=90, retries=2, wait=60, most=300)
    assert Plan.read(layout.run(run.id) / "plan.json").timeout == 86_400


def test_all_that_waits_is_canceled_at_once(layout, journal):
    """Of one pipeline or of all; what is running only where that is wanted."""
    for pipeline in ("p", "p", "q", "q"):
        journal.add(pipeline, "c" * 40, layout.root, "its file changed")
    journal.take()

    assert [run.number for run in cancel_all(layout, "p", waiting=True)] == [2]
    assert [run.number for run in cancel_all(layout, waiting=True)] == [3, 4]
    assert [(run.number, run.state) for run in cancel_all(layout)] == [(1, RUNNING)]
    assert journal.wanted(1) == "by hand"
    assert [run.state for run in journal.runs()] == [CANCELED] * 3 + [RUNNING]
