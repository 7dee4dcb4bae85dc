"""A real repository whose pipeline has run twice, shared by all tests of this folder, and one to make runs up in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import GitRepository
from zenrepo.pipelines import TrainingPipeline
from zenrepo.repo import Repository
from zenrepo.runs import events
from zenrepo.runs.journal import COMPLETE, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.steps import (
    CategoricalDomainSplit,
    CSVDataStep,
    KerasFeedForwardTrainer,
    ResultsEvaluator,
    StandardPreprocess,
)

TEA = "tea"


def cups() -> str:
    """Make a table: in spring there is no rooibos, and every ninth cup was poured without a look at the thermometer."""
    rows = ["season,kind,minutes,degrees,bitter"]
    for season, kinds in (("spring", ("green", "black")), ("autumn", ("green", "black", "rooibos"))):
        for kind in kinds:
            for minutes in range(1, 11):
                for degrees in range(60, 101, 10):
                    shown = "" if len(rows) % 9 == 0 else degrees
                    rows.append(f"{season},{kind},{minutes},{shown},{int(minutes * degrees > 400)}")
    return "\n".join(rows) + "\n"


def tea(epochs: int = 1) -> TrainingPipeline:
    """Make the pipeline: it trains on spring and evaluates on autumn."""
    return (
        TrainingPipeline(TEA)
        .add_data(CSVDataStep(path="data/tea.csv"))
        .add_split(CategoricalDomainSplit(column="season", split_map={"train": ["spring"], "eval": ["autumn"]}))
        .add_preprocess(StandardPreprocess(label="bitter", exclude=["season"]))
        .add_trainer(KerasFeedForwardTrainer(label="bitter", epochs=epochs, hidden_layers=[4]))
        .add_evaluator(ResultsEvaluator(label="bitter", slices=["kind"], metrics=["accuracy", "roc_auc"]))
        .trigger(on=["manual"])
    )


class Tea(NamedTuple):
    """The repository after two runs.

    Args:
        repo: it.
        first: with one epoch.
        second: with two.
    """

    repo: Repository
    first: Run
    second: Run


@pytest.fixture(scope="session")
def tea_ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tea]:
    """The pipeline, committed and run, and once more with another number of epochs."""
    folder = tmp_path_factory.mktemp("tea") / "repository"
    folder.mkdir()
    git = GitRepository(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder.parent / "gitconfig"))
        (folder.parent / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        git.git("init", "--quiet", "--initial-branch=main")
        repo = Repository.init_repo(folder, hooks=False)
        git.write("data/tea.csv", cups())
        ran = []
        for epochs in (1, 2):
            pipeline = tea(epochs)
            pipeline.register(folder, replace=True)
            git.git("add", "--all")
            git.git("commit", "--quiet", "--message", f"{epochs} epochs")
            ran.append(pipeline.run())
            assert ran[-1].state == COMPLETE, ran[-1].message
        yield Tea(repo, *ran)


class MadeUp(NamedTuple):
    """A repository in which runs are written down as the runner does, without running anything.

    Args:
        git: it.
        repo: its face.
    """

    git: GitRepository
    repo: Repository

    def run(self, pipeline: str = TEA, *, state: str = COMPLETE, message: str = "", **made: Any) -> Run:
        """Write a run down.

        Args:
            pipeline: its name.
            state: how it ended.
            message: why.
            made: ``args``, the arguments of the trainer; ``version`` and ``digest`` of all steps; ``metrics``;
                ``kinds``, of the steps; ``options``, what the run was asked for.
        """
        layout = self.repo.layout
        with Journal(layout.runs_db) as journal:
            options = made.get("options", Options())
            run = journal.add(pipeline, "c" * 40, layout.root, "asked for", options=options)
            journal.take()
            journal.end(run.number, state, message)
            run = journal.run(run.number)
        folder = layout.run(run.id)
        folder.mkdir(parents=True)
        steps = [_step(kind, made) for kind in made.get("kinds", ("data", "trainer", "evaluator"))]
        _plan(run, folder, steps).write(folder / "plan.json")
        with (folder / "events.jsonl").open("w") as out:
            for step in steps:
                _event(out, step, folder, made.get("metrics", {}))
        return run


def _step(kind: str, made: dict[str, Any]) -> PlannedStep:
    own = made.get("args", {}) if kind == "trainer" else {}
    version, digest = made.get("version", "b") * 40, made.get("digest", "d") * 64
    return PlannedStep(kind, kind, f"steps.mine.{kind.title()}", version, False, digest, "e" * 64, own)


def _plan(run: Run, folder: Path, steps: list[PlannedStep]) -> Plan:
    digests = {"pipeline_digest": "a" * 64, "commit": run.commit, "tree": "f" * 40}
    places = {name: str(folder) for name in ("repository", "checkout", "metadata_store", "artifact_store", "folder")}
    return Plan(run=run.id, pipeline=run.pipeline, source_roots=[], cache=True, steps=steps, **digests, **places)


def _event(out: Any, step: PlannedStep, folder: Path, metrics: dict[str, float]) -> None:
    names = {"trainer": ("model", "Model"), "evaluator": ("evaluation", "ModelEvaluation")}
    name, kind = names.get(step.kind, ("examples", "Examples"))
    uri = folder / "made" / step.name / name
    uri.mkdir(parents=True)
    if name == "model":
        (uri / "Format-Serving" / "variables").mkdir(parents=True)
        (uri / "Format-Serving" / "saved_model.pb").write_bytes(b"model")
        (uri / "Format-Serving" / "variables" / "variables.index").write_bytes(b"weights")
    facts = {"metrics": metrics} if step.kind == "evaluator" else {}
    artifacts = [{"id": 1, "type": kind, "name": name, "uri": str(uri)}]
    events.write(out, "step", step=step.name, state="complete", artifacts=artifacts, facts=facts)


@pytest.fixture
def made_up(repository: GitRepository) -> MadeUp:
    """A zenrepo repository with one commit, which holds the pipeline."""
    repo = Repository.init_repo(repository.path, hooks=False)
    tea().register(repository.path)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "tea")
    return MadeUp(repository, repo)
