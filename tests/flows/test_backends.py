"""A pipeline file that names backends is checked with its lines, and triggered by their changes."""

from __future__ import annotations

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.intake.ingest import ingest
from zenrepo.git.locate import locate

BACKEND = """
from zenrepo.backends import ProcessingBackend


class Many(ProcessingBackend):
    def __init__(self, *, workers):
        self.workers = workers

    def pipeline_options(self):
        return {"runner": "FnApiRunner"}
"""
PIPELINE = """version: 1
name: p
kind: data
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {path: a.csv}
    backend:
      type: places.Many
      args: {workers: 3}
"""


def said(repository: GitRepository, pipeline: str) -> list[str]:
    """Commit a pipeline and give what the hook would say, or why it queues a run."""
    repository.commit({"places.py": BACKEND, "a.csv": "a\n1\n", ".zenml/pipelines/p.yaml": pipeline})
    repository.trust()
    ingested = ingest(locate(repository.path))
    return [str(error) for error in ingested.broken] + [run.reason for run in ingested.runs]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "places.Many\n      args: {workers: 3}",
            "zenrepo.backends.LocalTraining",
            ".zenml/pipelines/p.yaml:8: data step 'data' cannot work on 'zenrepo.backends.LocalTraining', which is a"
            " training backend\nhint: a data step fits a processing backend: zenrepo.backends.LocalProcessing, or one"
            " that extends ProcessingBackend",
        ),
        (
            "places.Many",
            "zenrepo.steps.RandomSplit",
            ".zenml/pipelines/p.yaml:10: backend 'zenrepo.steps.RandomSplit' takes no argument 'workers'\n"
            "hint: 'zenrepo.steps.RandomSplit' takes split_map, seed",
        ),
        (
            "places.Many",
            "places.Mann",
            ".zenml/pipelines/p.yaml:9: unknown backend type 'places.Mann'\nhint: did you mean 'places.Many'?",
        ),
        (
            "      args: {workers: 3}\n",
            "",
            ".zenml/pipelines/p.yaml:8: backend 'places.Many' needs the argument 'workers'\n"
            "hint: add 'workers: …' to its args",
        ),
        (
            "steps:\n",
            "backend: {type: places.Many, args: {workers: 3}}\nsteps:\n",
            ".zenml/pipelines/p.yaml:4: a pipeline cannot be conducted by 'places.Many', which is a processing"
            " backend\nhint: zenrepo.backends.LocalOrchestrator can, or one that extends OrchestratorBackend",
        ),
        (
            "zenrepo.steps.CSVDataStep\n    args: {path: a.csv}",
            "places.Many\n    args: {workers: 3}",
            ".zenml/pipelines/p.yaml:6: step 'data' is a processing backend, and no step\n"
            "hint: name it as the 'backend' of a step, or of the pipeline",
        ),
    ],
)
def test_a_backend_that_does_not_fit_is_refused(repository: GitRepository, old: str, new: str, message: str) -> None:
    """When it is committed, with file and line, step, backend and what would fit."""
    assert old in PIPELINE

    assert said(repository, PIPELINE.replace(old, new)) == [message]


def test_a_new_version_of_a_backend_runs_the_pipeline(repository: GitRepository) -> None:
    """As one of a step does."""
    first = said(repository, PIPELINE)
    repository.commit({"places.py": BACKEND.replace("FnApiRunner", "DirectRunner")})
    [run] = ingest(locate(repository.path)).runs

    assert (first, run.reason) == (["its file changed"], "places.Many changed")


def test_a_backend_of_ones_own_is_listed_with_its_versions(repository: GitRepository) -> None:
    """It is found by reading, as steps are."""
    from zenrepo.flows.lookup import versions

    said(repository, PIPELINE)

    [version] = versions(locate(repository.path), "places.Many")
    assert version.row.kind == "processing"
