"""What a commit must hold for a pipeline to run."""

from __future__ import annotations

import itertools

import pytest

from zenrepo.errors import UsageError
from zenrepo.pipeline_files.check import check, pinned
from zenrepo.pipeline_files.file import read_with_places
from zenrepo.pipeline_files.order import ORDERS, refuse_incomplete, refuse_order
from zenrepo.sources.model import StepFacts
from zenrepo.typed_yaml import Places

FILE = ".zenml/pipelines/churn.yaml"

TEXT = """\
version: 1
name: churn
steps:
  data:
    type: zenrepo.steps.CSVData
    args: {path: a.csv}
  split: {type: zenrepo.steps.RandomSplit}
  prepare: {type: steps.prepare.Prepare}
  trainer:
    type: steps.trainer.MyTrainer
    args:
      label: churned
      epochs: 5
"""

IN_ORDER = (
    "the order is data, split, sequencer (optional), preprocess, trainer, evaluator (optional), deployer (optional)"
)


def facts(type_: str, kind: str, parameters: str = "", required: str = "", open_: bool = False) -> StepFacts:
    """Say what is known of a step."""
    return StepFacts(type_, kind, tuple(parameters.split()), tuple(required.split()), open_)


KNOWN = {
    fact.type: fact
    for fact in (
        facts("zenrepo.steps.CSVData", "data", "path delimiter", "path"),
        facts("zenrepo.steps.RandomSplit", "split", "ratios seed"),
        facts("steps.prepare.Prepare", "preprocess"),
        facts("steps.trainer.MyTrainer", "trainer", "label epochs", "label"),
        facts("steps.trainer.OpenTrainer", "trainer", "label", "label", open_=True),
        facts("steps.other.Custom", "custom"),
    )
}


def checked(text: str, known: dict[str, StepFacts] | None = None) -> dict[str, StepFacts]:
    """Read a file and check it."""
    pipeline, places = read_with_places(text.encode(), FILE)
    return check(pipeline, KNOWN if known is None else known, places)


def test_a_pipeline_that_fits_is_told_its_steps():
    """By the name that each has in the file."""
    found = checked(TEXT)

    assert {name: fact.kind for name, fact in found.items()} == {
        "data": "data",
        "split": "split",
        "prepare": "preprocess",
        "trainer": "trainer",
    }


def test_a_step_may_take_any_argument():
    """As long as its ``__init__`` takes ``**kwargs``."""
    assert checked(TEXT.replace("MyTrainer", "OpenTrainer").replace("epochs", "anything"))


def test_a_pinned_step_is_looked_up_with_its_pin():
    """An old version may take other arguments than today's."""
    text = TEXT.replace("MyTrainer", "MyTrainer@0123456").replace("epochs", "rounds")
    old = facts("steps.trainer.MyTrainer", "trainer", "label rounds")

    found = checked(text, {**KNOWN, "steps.trainer.MyTrainer@0123456": old})

    assert found["trainer"] == old
    assert pinned(read_with_places(text.encode(), FILE)[0]) == ["steps.trainer.MyTrainer@0123456"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "steps.CSVData",
            "steps.CSVDta",
            ":5: unknown step type 'zenrepo.steps.CSVDta'\nhint: did you mean 'zenrepo.steps.CSVData'?",
        ),
        (
            "type: steps.trainer.MyT",
            "type: steps.triner.MyT",
            ":10: unknown step type 'steps.triner.MyTrainer'\nhint: did you mean 'steps.trainer.MyTrainer'?",
        ),
        (
            "steps.trainer.MyTrainer",
            "x.Y",
            ":10: unknown step type 'x.Y'\nhint: 'zenrepo steps' lists them; is its file committed?",
        ),
        (
            "steps.trainer.MyTrainer",
            "x.Y@0123456",
            ":10: unknown step version 'x.Y@0123456'\nhint: 'zenrepo steps --type x.Y' lists its versions",
        ),
        ("epochs", "epoch", ":13: step 'trainer' takes no argument 'epoch'\nhint: did you mean 'epochs'?"),
        (
            "epochs",
            "zzz",
            ":13: step 'trainer' takes no argument 'zzz'\nhint: 'steps.trainer.MyTrainer' takes label, epochs",
        ),
        (
            "{type: steps.prepare.Prepare}",
            "{type: steps.prepare.Prepare, args: {a: 1}}",
            ":8: step 'prepare' takes no argument 'a'\nhint: 'steps.prepare.Prepare' takes no arguments",
        ),
        (
            "      label: churned\n",
            "",
            ":11: step 'trainer' needs the argument 'label'\nhint: add 'label: …' to its args",
        ),
        (
            "    args: {path: a.csv}\n",
            "",
            ":4: step 'data' needs the argument 'path'\nhint: add 'path: …' to its args",
        ),
        (
            "steps.prepare.Prepare",
            "steps.other.Custom",
            f":8: step 'prepare' is a custom step, which has no place in a training pipeline\nhint: {IN_ORDER}",
        ),
        (
            "steps.prepare.Prepare",
            "zenrepo.steps.RandomSplit",
            ":8: step 'prepare' is a second split step, after 'split'\nhint: keep one of them",
        ),
        (
            "  split: {type: zenrepo.steps.RandomSplit}\n  prepare: {type: steps.prepare.Prepare}\n",
            "  prepare: {type: steps.prepare.Prepare}\n  split: {type: zenrepo.steps.RandomSplit}\n",
            f":8: split step 'split' stands after preprocess step 'prepare'\nhint: {IN_ORDER}",
        ),
        (
            "  split: {type: zenrepo.steps.RandomSplit}\n",
            "",
            f":3: the pipeline has no split step\nhint: add one; {IN_ORDER}",
        ),
    ],
)
def test_a_pipeline_that_does_not_fit_is_refused(refusal, old, new, message):
    """File, line, the step by its name, and the cure."""
    assert old in TEXT

    said = refusal(checked, TEXT.replace(old, new))

    assert said == FILE + message


def test_a_class_is_found_where_it_moved_to(refusal):
    """The same class name in another module is offered."""
    said = refusal(checked, TEXT.replace("zenrepo.steps.CSVData", "CSVReader.CSVData"))

    assert "did you mean 'zenrepo.steps.CSVData'?" in said


def test_a_pipeline_that_was_not_read_is_checked_too(refusal):
    """Its errors name the file, on the first line."""
    pipeline, _ = read_with_places(TEXT.encode(), FILE)

    assert refusal(check, pipeline, {}, Places(FILE)).startswith(f"{FILE}:1: unknown step type")


TRAINING = ORDERS["training"]


def fits(kinds: tuple[str, ...]) -> bool:
    """Say whether steps of these kinds make a training pipeline."""
    named = {f"step{number}": kind for number, kind in enumerate(kinds)}
    try:
        for number, (name, kind) in enumerate(named.items()):
            refuse_order(TRAINING, dict(list(named.items())[:number]), name, kind)
        refuse_incomplete(TRAINING, named)
    except UsageError:
        return False
    return True


def test_every_choice_of_optional_steps_in_order_fits():
    """And no other choice does."""
    for size in range(len(TRAINING.kinds) + 1):
        for kinds in itertools.combinations(TRAINING.kinds, size):
            assert fits(kinds) == (set(TRAINING.kinds) - TRAINING.optional <= set(kinds))


def test_no_other_order_fits():
    """Any two neighbours the other way round are refused, and any step twice."""
    for place in range(len(TRAINING.kinds) - 1):
        swapped = (
            *TRAINING.kinds[:place],
            TRAINING.kinds[place + 1],
            TRAINING.kinds[place],
            *TRAINING.kinds[place + 2 :],
        )
        assert not fits(swapped)
        assert not fits((*TRAINING.kinds, TRAINING.kinds[place]))
