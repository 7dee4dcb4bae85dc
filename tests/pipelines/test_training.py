"""A training pipeline written in Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zenrepo.errors import UsageError
from zenrepo.pipeline_files.file import PipelineFile, StepEntry
from zenrepo.pipeline_files.limits import Retries
from zenrepo.pipeline_files.trigger import Trigger
from zenrepo.pipelines import TrainingPipeline
from zenrepo.steps.base import PINNED, BaseStep


class MyData(BaseStep):
    """Stands for a DataStep: the kind alone counts here."""

    KIND = "data"


class MySplit(BaseStep):
    """Stands for a SplitStep."""

    KIND = "split"


class MySequencer(BaseStep):
    """Stands for a SequencerStep."""

    KIND = "sequencer"


class MyPreprocess(BaseStep):
    """Stands for a PreprocessStep."""

    KIND = "preprocess"


class MyTrainer(BaseStep):
    """Stands for a TrainerStep."""

    KIND = "trainer"


class MyEvaluator(BaseStep):
    """Stands for an EvaluatorStep."""

    KIND = "evaluator"


class MyDeployer(BaseStep):
    """Stands for a DeployerStep."""

    KIND = "deployer"


class Custom(BaseStep):
    """A step that no training pipeline has a place for."""


STEPS = [MyData, MySplit, MySequencer, MyPreprocess, MyTrainer, MyEvaluator, MyDeployer]


def small(name: str = "churn", path: str = "data/churn.csv") -> TrainingPipeline:
    """Make a pipeline of the mandatory steps."""
    return (
        TrainingPipeline(name=name)
        .add_data(MyData(path=path))
        .add_split(MySplit(ratios={"train": 0.7, "eval": 0.3}))
        .add_preprocess(MyPreprocess())
        .add_trainer(MyTrainer(label="on", layers=[8, 4]))
    )


def entry(step: type[BaseStep], **args: object) -> StepEntry:
    """Make the entry that a step has in a file."""
    return StepEntry(type=step.step_type(), args=args)


def test_steps_are_recorded_with_their_arguments():
    """Each under the name of its kind."""
    assert small().trigger(on=["commit", "manual"], branches=["main"]).to_file() == PipelineFile(
        name="churn",
        trigger=Trigger(on=["commit", "manual"], branches=["main"]),
        steps={
            "data": entry(MyData, path="data/churn.csv"),
            "split": entry(MySplit, ratios={"train": 0.7, "eval": 0.3}),
            "preprocess": entry(MyPreprocess),
            "trainer": entry(MyTrainer, label="on", layers=[8, 4]),
        },
    )


def test_steps_may_be_added_in_any_order():
    """The file has them in the order in which they run."""
    pipeline = TrainingPipeline("all")
    for step in reversed(STEPS):
        getattr(pipeline, f"add_{step.KIND}")(step())

    assert list(pipeline.to_file().steps) == [step.KIND for step in STEPS]


@pytest.mark.parametrize("kind", [step.KIND for step in STEPS])
def test_a_step_of_another_interface_is_refused(refusal, kind):
    """By name, with the function that takes it."""
    for step in STEPS:
        if kind != step.KIND:
            said = refusal(getattr(TrainingPipeline("a"), f"add_{kind}"), step())
            assert said == (
                f"add_{kind} takes an instance of {kind.title()}Step, but '{step.__name__}'"
                f" is a {step.KIND} step\n"
                f"hint: use add_{step.KIND}"
            )


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            Custom(),
            "add_trainer takes an instance of TrainerStep, but 'Custom' is a custom step\n"
            "hint: extend zenrepo.steps.TrainerStep",
        ),
        (
            MyTrainer,
            "add_trainer takes an instance of TrainerStep, but got the class 'MyTrainer'\nhint: make it: MyTrainer(…)",
        ),
        (
            "m.T",
            "add_trainer takes an instance of TrainerStep, but got 'm.T'\nhint: extend zenrepo.steps.TrainerStep",
        ),
    ],
)
def test_what_is_no_step_is_refused(refusal, step, message):
    """A class, a name, a step without an interface."""
    assert refusal(TrainingPipeline("a").add_trainer, step) == message


def test_a_second_step_of_a_kind_is_refused(refusal):
    """The first is not replaced in silence."""
    assert (
        refusal(small().add_data, MyData()) == "pipeline 'churn' has a data step already\nhint: make another pipeline"
    )


def test_a_missing_step_is_refused(refusal):
    """Before anything is written."""
    said = refusal(TrainingPipeline("a").add_data(MyData()).add_trainer(MyTrainer()).to_file)

    assert said.startswith("the pipeline has no split step\nhint: add one; the order is data, split, ")


def test_a_local_class_is_refused(refusal):
    """No commit could find it."""

    class Local(BaseStep):
        KIND = "data"

    assert refusal(TrainingPipeline("a").add_data, Local()) == (
        "class 'test_a_local_class_is_refused.<locals>.Local' is defined in a function, where no"
        " commit can find it\nhint: move it to a module of the repository and import it from there"
    )


def test_a_class_of_the_running_script_is_refused(tmp_path):
    """Its module is called ``__main__`` and nothing else."""
    script = tmp_path / "script.py"
    script.write_text(
        "from zenrepo.pipelines import TrainingPipeline\n"
        "from zenrepo.steps.base import BaseStep\n"
        "class Mine(BaseStep):\n    KIND = 'data'\n"
        "try:\n    TrainingPipeline('a').add_data(Mine())\n"
        "except Exception as error:\n    print(error)\n"
    )
    root = str(Path(__file__).parents[2])

    done = subprocess.run(
        [sys.executable, str(script)], env={"PYTHONPATH": root}, capture_output=True, text=True, check=True
    )

    assert done.stdout == (
        "class 'Mine' is defined in the script that runs, where no commit can find it\n"
        "hint: move it to a module of the repository and import it from there\n"
    )


def test_a_class_that_was_loaded_at_a_commit_keeps_its_pin():
    """The pipeline runs what was added, not what the class is today."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    old = type("MyData", (BaseStep,), {"KIND": "data", "__module__": f"{PINNED}c{commit}.steps.data"})

    assert TrainingPipeline("a").add_data(old()).steps["data"].type == f"steps.data.MyData@{commit}"


@pytest.mark.parametrize("name", ["", ".a", "-a", "a/b", "a b", "ä", "a" * 101, "a\n", ".."])
def test_names_that_are_no_file_names_are_refused(refusal, name):
    """On every machine, for every shell."""
    assert refusal(TrainingPipeline, name).startswith(f"'{name}' cannot be the name of a pipeline\nhint: use letters")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on": ["comit"]}, "unknown event 'comit'\nhint: did you mean 'commit'?"),
        ({"on": "commit"}, "'on' takes a list, not the string 'commit'\nhint: give on=['commit']"),
        (
            {"branches": "main"},
            "'branches' takes a list, not the string 'main'\nhint: give branches=['main']",
        ),
        (
            {"on": []},
            "a trigger needs an event\nhint: write [manual] for a pipeline that only 'zenrepo run' starts",
        ),
    ],
)
def test_wrong_triggers_are_refused(refusal, arguments, message):
    """When they are given."""
    assert refusal(TrainingPipeline("a").trigger, **arguments) == message


@pytest.mark.imports
def test_importing_pipelines_is_cheap():
    """No heavy library comes along."""
    root = str(Path(__file__).parents[2])
    code = (
        "import sys, zenrepo.pipelines\n"
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'numpy', 'pandas', 'pyarrow', 'ml_metadata',"
        " 'dulwich', 'typer', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": root}, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_limits_stand_in_the_file_and_not_in_the_steps_arguments():
    """In the shortest way that says them; a copy has them too."""
    pipeline = (
        TrainingPipeline("limited")
        .with_timeout("6 h")
        .add_data(MyData().with_limits(timeout="10 min"))
        .add_split(MySplit().with_limits(retries=2))
        .add_preprocess(MyPreprocess())
        .add_trainer(MyTrainer().with_limits(timeout=90, retries=3, wait="1 min"))
    )

    said = pipeline.copy("other").to_file()

    assert said.timeout == "6 h"
    assert [(step.timeout, step.retries, step.args) for step in said.steps.values()] == [
        ("10 min", None, {}),
        (None, 2, {}),
        (None, None, {}),
        (90, Retries(times=3, wait="1 min", most="5 min"), {}),
    ]


@pytest.mark.parametrize(
    "limits", [{"timeout": "soon"}, {"timeout": 0}, {"retries": -1}, {"retries": 1.5}, {"wait": -1}]
)
def test_limits_that_cannot_be_kept_are_refused_at_once(limits):
    """Before the pipeline has a file."""
    with pytest.raises(UsageError):
        MyTrainer().with_limits(**limits)


def test_a_step_may_have_an_attribute_of_the_same_name():
    """What a class calls its limits is not taken for those of the step."""

    class Bounded(MyTrainer):
        """Has limits of another kind."""

        def __init__(self) -> None:
            self.limits = (0, 1)

    Bounded.__qualname__ = "Bounded"

    entry = TrainingPipeline("bounded").add_trainer(Bounded()).steps["trainer"]

    assert (entry.timeout, entry.retries) == (None, None)
