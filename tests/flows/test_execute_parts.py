"""Grids and parts of a pipeline, executed: what is the same is made once, what stands before is there or refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.answers.compare import by_metric, compared
from zenrepo.flows.answers.failures import failures
from zenrepo.flows.answers.why import why
from zenrepo.git.locate import locate
from zenrepo.repo import Repository
from zenrepo.runs.journal import COMPLETE, FAILED, Run
from zenrepo.runs.watching.past import past

pytestmark = pytest.mark.heavy

PIPELINE = """\
version: 1
name: p
kind: custom
trigger: {on: [manual]}
steps:
  one: {type: steps.one.One}
  two: {type: steps.two.Two, args: {factor: 2}}
  three: {type: steps.two.Two, args: {factor: 0}}
"""
ONE = '''
import gzip
import struct

import google_crc32c

from zenrepo.steps import CustomStep


def check(data):
    value = google_crc32c.value(data)
    return struct.pack("<I", (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def write(folder):
    """Write one example without features."""
    length = struct.pack("<Q", 0)
    with gzip.open(f"{folder}/table.gz", "wb") as file:
        file.write(length + check(length) + check(b""))


class One(CustomStep):
    """Makes an example."""

    def run(self, examples, output):
        write(output["train"])
'''
TWO = '''
from steps.one import write
from zenrepo.steps import CustomStep


class Two(CustomStep):
    """Measures, and fails where that cannot be."""

    def __init__(self, *, factor):
        super().__init__(factor=factor)
        self.factor = factor

    def run(self, examples, output):
        self.facts["metrics"] = {"share": 1 / self.factor}
        write(output["train"])
'''
KEY = "steps.two.args.factor"


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitRepository]:
    """A pipeline whose third step cannot come to a good end: no run goes so far."""
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        git = GitRepository(folder / "repository")
        git.path.mkdir()
        git.git("init", "--quiet", "--initial-branch=main")
        Repository.init_repo(git.path, hooks=False)
        git.commit({".zenml/pipelines/p.yaml": PIPELINE, "steps/one.py": ONE, "steps/two.py": TWO, "uv.lock": ""})
        yield git


@pytest.fixture(scope="module")
def repo(git: GitRepository) -> Repository:
    """The same, to ask."""
    return Repository.get_instance(git.path)


@pytest.fixture(scope="module")
def grid(repo: Repository) -> list[Run]:
    """A grid of three values, one of which the step cannot use."""
    return repo.run_grid("p", {KEY: [2, 0, 4]}, last="two", name="sweep")


def states(repo: Repository, run: Run) -> dict[str, str]:
    """Give the last state of each step of a run."""
    return {e["step"]: e["state"] for e in past(repo.layout, run.id) if e["event"] == "step"}


def test_a_grid_makes_once_what_its_runs_share(repo: Repository, grid: list[Run]) -> None:
    """One that fails holds up no other."""
    assert [(run.options.name, run.state) for run in grid] == [
        ("sweep factor=2", COMPLETE),
        ("sweep factor=0", FAILED),
        ("sweep factor=4", COMPLETE),
    ]
    assert states(repo, grid[0]) == {"one": "complete", "two": "complete"}
    assert states(repo, grid[2]) == {"one": "cached", "two": "complete"}


def test_the_runs_of_a_grid_are_compared(repo: Repository, grid: list[Run]) -> None:
    """By what they were given, and what they measured."""
    runs = by_metric(compared(repo.layout, grid), "share")

    assert [(run.hyperparameters["two.factor"], run.metrics.get("share")) for run in runs] == [
        (2, 0.5),
        (4, 0.25),
        (0, None),
    ]


def test_a_step_alone_uses_again_what_stands_before(repo: Repository, grid: list[Run]) -> None:
    """Whether it runs itself is asked of the cache, unless that is left out of it."""
    again = repo.run("p", only="two", settings={KEY: 4})
    anew = repo.run("p", only="two", settings={KEY: 4}, cache=False)

    assert states(repo, again) == {"one": "cached", "two": "cached"}
    assert states(repo, anew) == {"one": "cached", "two": "complete"}
    [_, two] = why(repo.layout, anew.number)[1]
    assert [cause.kind for cause in two.causes] == ["no-cache"]


def test_what_a_run_was_asked_for_is_in_ml_metadata(repo: Repository, grid: list[Run]) -> None:
    """Beside what it was executed with."""
    from ml_metadata.metadata_store import MetadataStore
    from ml_metadata.proto import metadata_store_pb2 as pb

    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(repo.layout.metadata_db)
    context = MetadataStore(config).get_context_by_type_and_name("pipeline_run", grid[0].id)
    said = {name: value.string_value for name, value in context.custom_properties.items()}

    assert json.loads(said["settings"]) == {KEY: "2"}
    assert (said["name"], said["last"], list(json.loads(said["environment"]))) == ("sweep factor=2", "two", ["uv.lock"])
    assert {"release", "python", "tfx", "tensorflow", "apache_beam"} <= said.keys()


def test_a_part_whose_begin_is_gone_executes_nothing(git: GitRepository, repo: Repository, grid: list[Run]) -> None:
    """The step is named, the change, and the way out; a changed lock file is such a change."""
    git.commit({"steps/one.py": f"# a comment\n{ONE.replace('output[', 'output [')}"})
    assert repo.run("p", only="two", settings={KEY: 4}).state == COMPLETE
    git.commit({"steps/one.py": f"{ONE}\nX = 1\n", "uv.lock": '[[package]]\nname = "a"\nversion = "1"\n'})

    run = repo.run("p", only="two", settings={KEY: 4})

    assert (run.state, run.message.splitlines()) == (
        FAILED,
        [
            "step 'one' would run again, and the run was to begin with 'two': steps/one.py (+3 -2) changed; "
            f"uv.lock: a==1 is new; since run {run.number - 1}",
            "hint: leave --from and --only out",
        ],
    )
    assert states(repo, run) == {"one": "failed", "two": "skipped"}
    assert failures(locate(git.path), run) == []  # none of its own, with a log to read
    assert not Path(locate(git.path).run(run.id), "one.log").exists()
