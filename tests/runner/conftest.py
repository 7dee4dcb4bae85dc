"""One run of a pipeline on the breast cancer table, shared by all tests of the runner, and a bench to make more."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from zenrepo.runs import events
from zenrepo.runs.plan import Input, Plan, PlannedStep

COMMIT = "c" * 40
STEPS = '''
import apache_beam as beam
import pyarrow as pa

from zenrepo.steps import DataStep, PreprocessStep, StandardPreprocess, TrainerStep


class CancerTable(DataStep):
    """Reads scikit-learn's breast cancer table in two batches."""

    def read_from_source(self):
        self.facts["source"] = "scikit-learn"
        return beam.Create([(0, 300), (300, 569)], reshuffle=False) | beam.FlatMap(rows)


def rows(bounds):
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    columns = {name: pa.array(table.data[slice(*bounds), i]) for i, name in enumerate(table.feature_names)}
    columns["target"] = pa.array(table.target[slice(*bounds)])
    yield pa.RecordBatch.from_pydict(columns)


class Outer:
    class Prepare(StandardPreprocess):
        """The standard one, less one feature."""

        def preprocessing_fn(self, inputs):
            return super().preprocessing_fn({n: t for n, t in inputs.items() if n != "mean area"})


class Unlucky(PreprocessStep):
    def preprocessing_fn(self, inputs):
        raise LookupError("no luck")


class InBeam(DataStep):
    def read_from_source(self):
        return beam.Create([7]) | beam.Map(lambda number: 1 / (number - 7))


class Killed(PreprocessStep):
    def preprocessing_fn(self, inputs):
        import os, signal

        os.kill(os.getpid(), signal.SIGKILL)


class Sleeper(PreprocessStep):
    def preprocessing_fn(self, inputs):
        import time

        time.sleep(100)
'''


def digest(text: str) -> str:
    """Make up a digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def step(kind: str, type_: str, inputs: dict[str, Path] | None = None, **args: Any) -> PlannedStep:
    """Plan a step that is named as its kind."""
    found = {name: Input(str(file), digest(file.read_text())) for name, file in (inputs or {}).items()}
    return PlannedStep(kind, kind, type_, COMMIT, False, digest(type_), digest(f"source of {type_}"), args, found)


@dataclass(frozen=True)
class Ran:
    """What a run reported.

    Args:
        plan: what was run.
        status: the runner's exit status.
        events: in order.
        stderr: what it said beside.
    """

    plan: Plan
    status: int
    events: list[dict[str, Any]]
    stderr: str

    def step(self, name: str) -> dict[str, Any]:
        """The last event of a step."""
        return [e for e in self.events if e["event"] == "step" and e["step"] == name][-1]

    @property
    def states(self) -> dict[str, str]:
        """The last state of each step."""
        return {e["step"]: e["state"] for e in self.events if e["event"] == "step"}

    def artifact(self, step: str, name: str) -> dict[str, Any]:
        """An artifact that a step reported."""
        [found] = [a for a in self.step(step)["artifacts"] if a["name"] == name]
        return dict(found)


@dataclass
class Bench:
    """A folder to run plans in: a checkout with custom steps, and stores of its own.

    Args:
        root: the folder.
    """

    root: Path
    runs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.checkout.joinpath("steps").mkdir(parents=True)
        self.checkout.joinpath("steps", "__init__.py").touch()
        self.checkout.joinpath("steps", "mine.py").write_text(textwrap.dedent(STEPS))

    @property
    def checkout(self) -> Path:
        """The folder that stands for the commit's tree."""
        return self.root / "checkout"

    @property
    def repository(self) -> Path:
        """The folder that stands for the user's working folder."""
        return self.root / "repository"

    def plan(self, *steps: PlannedStep, pipeline: str = "cancer", **changes: Any) -> Plan:
        """Plan a run with an id of its own."""
        run = f"run-{len(self.runs) + 1}"
        self.runs.append(run)
        return Plan(
            **{
                "run": run,
                "pipeline": pipeline,
                "pipeline_digest": digest(pipeline),
                "commit": COMMIT,
                "tree": "a" * 40,
                "repository": str(self.repository),
                "checkout": str(self.checkout),
                "source_roots": [str(self.checkout)],
                "metadata_store": str(self.root / "metadata.db"),
                "artifact_store": str(self.root / "artifacts"),
                "folder": str(self.root / "runs" / run),
                "cache": True,
                "steps": list(steps),
            }
            | changes
        )

    def start(self, plan: Plan) -> subprocess.Popen[str]:
        """Start the runner on a plan."""
        folder = Path(plan.folder)
        folder.mkdir(parents=True, exist_ok=True)
        plan.write(folder / "plan.json")
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "zenrepo.runner", str(folder / "plan.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def run(self, plan: Plan) -> Ran:
        """Run a plan to its end. Every line of output must be an event."""
        runner = self.start(plan)
        out, err = runner.communicate(timeout=200)
        found = [events.read(line) for line in out.splitlines()]
        assert None not in found, out
        return Ran(plan, runner.returncode, [e for e in found if e], err)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The folder that the tests of the runner share, so that they share its cache."""
    return Bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="session")
def cancer() -> list[PlannedStep]:
    """A pipeline over the breast cancer table: custom data and preprocess steps, the rest standard."""
    return [
        step("data", "steps.mine.CancerTable"),
        step("split", "zenrepo.steps.RandomSplit", split_map={"train": 0.7, "eval": 0.3}),
        step("preprocess", "steps.mine.Outer.Prepare", label="target"),
        step("trainer", "zenrepo.steps.KerasFeedForwardTrainer", label="target"),
        step("evaluator", "zenrepo.steps.TFMAEvaluator", label="target", thresholds={"auc": 0.9}),
        step("deployer", "zenrepo.steps.FolderDeployer", path="serving/cancer"),
    ]


@pytest.fixture(scope="session")
def first(bench: Bench, cancer: list[PlannedStep]) -> Ran:
    """The first run of the pipeline."""
    ran = bench.run(bench.plan(*cancer))
    assert ran.status == 0, json.dumps(ran.events[-3:], indent=1) + ran.stderr
    return ran


@pytest.fixture(scope="session")
def second(bench: Bench, cancer: list[PlannedStep], first: Ran) -> Ran:
    """The same pipeline run once more, on a captured working tree."""
    return bench.run(bench.plan(*cancer, commit="d" * 40, captured=COMMIT))
