"""Plans of runs that were asked for a part, for other settings, by a name; and what the commands tell of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo, zenrepo
from tests.conftest import GitRepository
from tests.flows.recorded_runs import PIPELINE, Recorded
from zenrepo.errors import PipelineFileError, UnknownName, UsageError
from zenrepo.flows.answers.changes import is_same
from zenrepo.flows.answers.compare import by_metric, compared
from zenrepo.flows.answers.past_runs import read
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.locate import locate
from zenrepo.repo import Repository
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.plan import Plan

__all__ = ["zenrepo"]

SEED = "steps.split.args.seed"


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A pipeline that can run."""
    return Recorded(repository, tmp_path / "artifacts")


def queued(recorded: Recorded, options: Options) -> Run:
    """Queue a run that nobody executes."""
    layout = locate(recorded.git.path)
    with Journal(layout.runs_db) as journal:
        return journal.add("p", recorded.git.git("rev-parse", "HEAD"), layout.root, "asked for", options=options)


def planned(recorded: Recorded, options: Options) -> Plan:
    """Resolve a run."""
    return resolve(locate(recorded.git.path), queued(recorded, options))


def test_a_setting_is_among_the_arguments_of_the_plan(recorded: Recorded) -> None:
    """And makes the step another one to the cache, like a change of the file."""
    plan = planned(recorded, Options(settings={SEED: "3"}, name="three"))
    split = plan.steps[1]

    assert split.args == {"split_map": {"train": 0.7, "eval": 0.3}, "seed": 3}
    assert (plan.settings, plan.name) == ({SEED: "3"}, "three")
    assert not is_same(planned(recorded, Options()).steps[1], split)
    recorded.edit(".zenml/pipelines/p.yaml", "0.3}}", "0.3}, seed: 3}")
    assert is_same(planned(recorded, Options()).steps[1], split)


def test_the_digest_is_the_files_only_where_the_file_says_it_all(recorded: Recorded) -> None:
    """With settings it is another one, and the same for the same settings."""
    plain, three, four = (planned(recorded, Options(settings=s)) for s in ({}, {SEED: "3"}, {SEED: "4"}))

    assert plain.pipeline_digest == hashlib.sha256(PIPELINE.encode()).hexdigest()
    assert len({plan.pipeline_digest for plan in (plain, three, four)}) == 3
    assert three.pipeline_digest == planned(recorded, Options(settings={SEED: "3"})).pipeline_digest


def test_data_that_a_setting_names_is_found(recorded: Recorded) -> None:
    """As if the file named it."""
    recorded.git.commit({"data/other.csv": "a\n2\n"})

    plan = planned(recorded, Options(settings={"steps.data.args.path": "data/other.csv"}))

    assert list(plan.steps[0].inputs) == ["data/other.csv"]


def test_a_part_has_no_steps_behind_its_end(recorded: Recorded) -> None:
    """Those in front are in the plan, to be used again."""
    plan = planned(recorded, Options(first="split", last="schema"))

    assert [step.name for step in plan.steps] == ["data", "split"]
    assert plan.before_first(["data", "split", "statistics", "schema"]) == {"data"}


def test_a_run_without_cache_uses_again_what_stands_before(recorded: Recorded) -> None:
    """That is the meaning of a first step."""
    number = recorded.run()
    run = read(locate(recorded.git.path), Repository.get_instance(recorded.git.path).runs()[0])
    run.plan = Plan.of({**json.loads((locate(recorded.git.path).run(f"p-{number}") / "plan.json").read_text())})
    object.__setattr__(run.plan, "cache", False)
    object.__setattr__(run.plan, "first", "statistics")

    assert [name for name in ("data", "split", "statistics", "trainer") if run.runs_anew(name)] == [
        "statistics",
        "trainer",
    ]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (Options(first="trainr"), UnknownName, r"unknown step 'trainr'\nhint: did you mean 'trainer'"),
        (Options(first="trainer", last="data"), UsageError, "step 'data', to run to, stands before 'trainer'"),
        (
            Options(settings={"steps.split.args.sed": "1"}),
            PipelineFileError,
            r"--set steps\.split\.args\.sed: step 'split' takes no argument 'sed'\nhint: did you mean 'seed'",
        ),
        (
            Options(settings={"steps.trainer.type": "steps.net.Nett"}),
            PipelineFileError,
            r"--set steps\.trainer\.type: unknown step type 'steps.net.Nett'\nhint: did you mean 'steps.net.Net'",
        ),
        (
            Options(settings={"steps.trainer.type": "zenrepo.steps.RandomSplit"}),
            PipelineFileError,
            "step 'trainer' is a second split step",
        ),
    ],
)
def test_what_cannot_run_is_refused(recorded: Recorded, options: Options, error: type, message: str) -> None:
    """With the option that is to blame."""
    with pytest.raises(error, match=message):
        planned(recorded, options)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "trainr"], "unknown step 'trainr'\nhint: did you mean 'trainer'?"),
        (["--only", "split", "--to", "trainer"], "one of these is given too"),
        (["--set", "steps.split.args.sed=1"], "--set steps.split.args.sed: step 'split' takes no argument 'sed'"),
        (["--set", "trigger.on=[push]"], "--set trigger.on: 'trigger' cannot be set for a run"),
        (["--grid", "steps.split.args.sed=1,2"], "takes no argument 'sed'\nhint: did you mean 'seed'?"),
        (["--grid", f"{SEED}=1,2", "--grid", "steps.split.args.split_map=[{a: 1}, 3, {a: 1}]"], "has {"),
        (["--grid", f"{SEED}={','.join(map(str, range(101)))}"], "the grid has 101 runs (101)"),
    ],
)
def test_the_command_refuses_before_anything_is_queued(
    recorded: Recorded, zenrepo: Zenrepo, words: list[str], message: str
) -> None:
    """Also of a grid of which one run alone is wrong."""
    done = zenrepo(recorded.git.path, "run", "p", *words, code=2)

    assert message in done.stderr
    assert zenrepo(recorded.git.path, "runs", "--json").stdout == "[]\n"


def test_runs_tell_what_they_were_asked_for(recorded: Recorded, zenrepo: Zenrepo) -> None:
    """In the list, one by one, by name, and for machines."""
    queued(recorded, Options())
    queued(recorded, Options("split", "trainer", {SEED: "3"}, "seed=3"))
    folder = recorded.git.path

    assert zenrepo(folder, "runs").stdout.splitlines()[1].endswith("asked for  seed=3")
    shown = zenrepo(folder, "runs", "seed=3").stdout.splitlines()
    assert shown[1:4] == ["name: seed=3", f"set: {SEED}=3", "from: split to: trainer"]
    [told] = json.loads(zenrepo(folder, "runs", "--name", "seed=*", "--json").stdout)
    assert (told["run"], told["name"], told["settings"]) == (2, "seed=3", {SEED: "3"})
    assert (told["from"], told["to"]) == ("split", "trainer")
    assert "run 2 of 'p' is canceled" in zenrepo(folder, "runs", "cancel", "seed=3").stderr
    assert "unknown run 'seed=4'" in zenrepo(folder, "why", "seed=4", code=2).stderr


def test_a_comparison_has_names_and_ends_of_runs(recorded: Recorded) -> None:
    """Runs that have no record stand in it too; what no run has cannot be sorted by."""
    recorded.run()
    queued(recorded, Options(settings={SEED: "3"}, name="seed=3"))
    layout = locate(recorded.git.path)

    found = compared(layout, Repository(layout).runs())

    assert [(run.number, run.name, run.state) for run in found] == [(2, "seed=3", "queued"), (1, "", "complete")]
    with pytest.raises(UnknownName, match="no run measured anything"):
        by_metric(found, "auc")


def test_runs_are_sorted_by_a_metric(recorded: Recorded) -> None:
    """The largest first, unless the smallest is wanted; those without it last."""
    recorded.run()
    [run] = compared(locate(recorded.git.path), Repository.get_instance(recorded.git.path).runs())
    runs = [run._replace(number=n, metrics=m) for n, m in ((1, {}), (2, {"loss": 0.5}), (3, {"loss": 0.1}))]

    assert [found.number for found in by_metric(runs, "loss")] == [2, 3, 1]
    assert [found.number for found in by_metric(runs, "loss", ascending=True)] == [3, 2, 1]
    with pytest.raises(UnknownName, match=r"unknown metric 'los'\nhint: did you mean 'loss'"):
        by_metric(runs, "los")
