"""The repository that whole runs are measured in: scikit-learn's breast cancer table, and a pipeline of six steps."""

from __future__ import annotations

import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer

from benchmarks.measure import cpu, git, zenrepo

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
