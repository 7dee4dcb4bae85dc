"""A run works where its pipeline file says: on backends of a user's own, pinned like steps, and in processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import Run

pytestmark = pytest.mark.heavy

BACKENDS = """
import os
from pathlib import Path

from zenrepo.backends import OrchestratorBackend, ProcessingBackend, TrainingBackend

WORD = "WORDING"


class Said(OrchestratorBackend):
    def __init__(self, *, file):
        super().__init__(file=file)
        self.file = file

    def orchestrate(self, plan, conduct):
        Path(self.file).write_text(f"{WORD} {Path(plan).name}")
        return conduct()


class Threads(ProcessingBackend):
    def pipeline_options(self):
        print("options asked for by", WORD)
        return {"runner": "FnApiRunner", "direct_running_mode": "multi_threading", "direct_num_workers": 2}
"""
STEPS = '''
import os

import apache_beam as beam
import pyarrow as pa

from zenrepo.steps import DataStep


class Numbers(DataStep):
    """Two bundles of numbers, each with the process that made it."""

    def read_from_source(self):
        return beam.Create(range(8)) | beam.Map(made)


def made(first):
    return pa.RecordBatch.from_pydict({"n": list(range(first * 10, first * 10 + 10)), "process": [os.getpid()] * 10})
'''
PIPELINE = """version: 1
name: numbers
kind: data
trigger: {on: [manual]}
backend: {type: places.Said, args: {file: FILE}}
steps:
  data:
    type: numbered.Numbers
    backend: {type: zenrepo.backends.LocalProcessing, args: {mode: multi_processing, workers: 2}}
  split:
    type: zenrepo.steps.RandomSplit
    backend: {type: places.Threads@PIN}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Run, Path]:
    """A run of a pipeline whose split works on a backend as it was a commit ago."""
    folder = tmp_path_factory.mktemp("backends")
    project = GitRepository(folder / "project")
    project.path.mkdir()
    project.git("init", "--quiet")
    project.git("config", "user.name", "Ada")
    project.git("config", "user.email", "ada@example.org")
    old = project.commit({"places.py": BACKENDS.replace("WORDING", "then"), "numbered.py": STEPS})
    text = PIPELINE.replace("PIN", old).replace("FILE", "said.txt")
    project.commit({"places.py": BACKENDS.replace("WORDING", "now"), ".zenml/pipelines/numbers.yaml": text})
    repository = Repository.get_instance(project.path)
    return repository.layout, repository.run("numbers"), folder


def test_the_run_comes_to_a_good_end(ran: tuple[Layout, Run, Path]) -> None:
    """On three backends at once."""
    _, run, _ = ran

    assert (run.state, run.message) == ("complete", "")


def test_a_custom_orchestrator_conducts_the_run_as_the_commit_has_it(ran: tuple[Layout, Run, Path]) -> None:
    """Its own code ran, with its arguments, before the run began."""
    layout, run, _ = ran

    [said] = Path(layout.run(run.id)).parent.rglob("said.txt")
    assert said.read_text() == "now plan.json"


def test_a_pinned_backend_is_the_one_of_its_commit(ran: tuple[Layout, Run, Path]) -> None:
    """What it printed is in the log of the step that works on it."""
    layout, run, _ = ran

    assert "options asked for by then" in Path(layout.run(run.id), "split.log").read_text()


def test_beam_works_in_other_processes(ran: tuple[Layout, Run, Path]) -> None:
    """The rows were made by two workers, in processes that import the commit's own modules."""
    layout, _, _ = ran
    import tensorflow as tf

    files = [str(file) for file in Path(layout.artifacts).glob("numbers/*/data/examples/*/Split-data/*.gz")]
    made = {}
    for record in tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator():
        feature = tf.train.Example.FromString(record).features.feature
        made[feature["n"].int64_list.value[0]] = feature["process"].int64_list.value[0]

    assert sorted(made) == list(range(80))
    assert len(set(made.values())) == 2


def test_the_backend_is_recorded_and_is_no_part_of_the_cache_key(ran: tuple[Layout, Run, Path]) -> None:
    """The plan names its version; where a step works does not change what it makes."""
    layout, run, _ = ran

    plan = json.loads(Path(layout.run(run.id), "plan.json").read_text())

    assert plan["steps"][1]["backend"]["pinned"]
    assert plan["backend"]["type"] == "places.Said"
