"""The repository that whole runs are measured in: scikit-learn's breast cancer table, and a pipeline of six steps."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer

from benchmarks.measure import cpu, git, zenrepo
from zenrepo.cli.detached import IDLE
from zenrepo.git.history import resolve
from zenrepo.git.locate import locate
from zenrepo.runs.journal import COMPLETE, Journal

LABEL = "benign"
PIPELINE = """\
version: 1
name: cancer
trigger: {on: [manual]}
steps:
  data: {type: zenrepo.steps.CSVDataStep, args: {path: data/cancer.csv}}
  split: {type: zenrepo.steps.RandomSplit, args: {split_map: {train: 0.7, eval: 0.3}}}
  preprocess: {type: zenrepo.steps.StandardPreprocess, args: {label: benign}}
  trainer: {type: zenrepo.steps.KerasFeedForwardTrainer, args: {label: benign, hidden_layers: [16], epochs: 10}}
  evaluator: {type: zenrepo.steps.TFMAEvaluator, args: {label: benign}}
  deployer: {type: zenrepo.steps.FolderDeployer, args: {path: serving/cancer}}
"""


def write_table(folder: Path) -> Path:
    """Write the table, 569 rows of 30 measurements and a label, as ``cancer.csv``; return the file."""
    table = load_breast_cancer()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "cancer.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*(name.replace(" ", "_") for name in table.feature_names), LABEL])
        writer.writerows([*row.tolist(), int(label)] for row, label in zip(table.data, table.target, strict=True))
    return file


def make_repository(folder: Path) -> None:
    """Make a repository that holds the table and the pipeline, both committed, without hooks."""
    write_table(folder / "data")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    cpu(zenrepo("init", "--no-hooks"), folder, repeats=1)
    (folder / ".zenml/pipelines/cancer.yaml").write_text(PIPELINE, encoding="utf-8")
    (folder / ".gitignore").write_text("/serving/\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "A pipeline")


def queue(folder: Path) -> str:
    """Queue a run of the pipeline at HEAD, without a worker; return the run's id."""
    layout = locate(folder)
    head = resolve(layout.root, "HEAD")
    assert head is not None
    with Journal(layout.runs_db) as journal:
        return journal.add("cancer", head, layout.root, "measured").id


def worker(folder: Path) -> list[str]:
    """Name the command of the worker that a commit starts, which ends when it has executed what is queued."""
    return ["env", f"{IDLE}=0", sys.executable, "-W", "ignore", "-m", "zenrepo.cli.detached", str(folder)]


def execute(folder: Path) -> float:
    """Execute a run, and return the CPU seconds of its worker and all below it.

    Raises:
        RuntimeError: if the run did not come to a good end.
    """
    name = queue(folder)
    took = cpu(worker(folder), folder, repeats=1)
    with Journal(locate(folder).runs_db) as journal:
        run = journal.runs(limit=1)[0]
    if (run.id, run.state) != (name, COMPLETE):
        raise RuntimeError(f"run {run.id} is {run.state}: {run.message}")
    return took
