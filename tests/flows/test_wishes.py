"""What a user may ask of a run: a part of a pipeline, settings, a grid of them, a name."""

from __future__ import annotations

import pytest

from zenrepo.errors import UsageError
from zenrepo.flows.planning.partial import names_of, refuse_part, steps_to
from zenrepo.flows.planning.wishes import asked, grid_of, plain_grid, plain_settings, settings_of, wishes
from zenrepo.runs.options import Options

EPOCHS, WIDTH = "steps.trainer.args.epochs", "steps.trainer.args.width"
KINDS = {"data": "data", "split": "split", "preprocess": "preprocess", "trainer": "trainer"}


def test_a_grid_has_a_run_for_each_combination() -> None:
    """Named by the last parts of its keys."""
    found = wishes(Options(), grid_of([f"{EPOCHS}=5, 10", f"{WIDTH}=8,16"]))

    assert [each.name for each in found] == [
        "epochs=5 width=8",
        "epochs=5 width=16",
        "epochs=10 width=8",
        "epochs=10 width=16",
    ]
    assert found[1].settings == {EPOCHS: "5", WIDTH: "16"}


def test_what_all_runs_have_in_common_is_in_each() -> None:
    """The name stands in front."""
    base = asked(first="trainer", settings={WIDTH: "8"}, name="wide")

    found = wishes(base, grid_of([f"{EPOCHS}=5,10"]))

    assert found[1] == Options("trainer", "", {WIDTH: "8", EPOCHS: "10"}, "wide epochs=10")


def test_keys_that_end_alike_are_told_apart_by_their_steps() -> None:
    """As the hyperparameters of a comparison are."""
    [found] = wishes(Options(), grid_of(["steps.split.args.seed=1", "steps.trainer.args.seed=2"]))

    assert found.name == "split.seed=1 trainer.seed=2"


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("[5, relu, [8, 4], null]", ["5", '"relu"', "[8, 4]", "null"], ["5", "relu", "[8, 4]", "null"]),
        ("relu, 1e-3", ["relu", "1e-3"], ["relu", "1e-3"]),
        ("[!date 2024-05-01]", ["!date 2024-05-01"], ["!date 2024-05-01"]),
        ('[{a: 1, b: "x y"}]', ['{"a": 1, "b": "x y"}'], ['{"a": 1, "b": "x y"}']),
    ],
)
def test_a_list_of_yaml_has_values_of_any_kind(text: str, values: list[str], shown: list[str]) -> None:
    """Without brackets, commas divide."""
    found = grid_of([f"{EPOCHS}={text}"])[EPOCHS]

    assert [value for value, _ in found] == values
    assert [name for _, name in found] == shown


def test_values_from_python_are_what_they_are() -> None:
    """A text that looks like a number stays one."""
    assert plain_settings({EPOCHS: "5", WIDTH: 5}) == {EPOCHS: '"5"', WIDTH: "5"}
    assert plain_grid({EPOCHS: ["relu", 1.5]}) == {EPOCHS: [('"relu"', "relu"), ("1.5", "1.5")]}
    with pytest.raises(UsageError, match="cannot be written"):
        plain_settings({EPOCHS: object()})


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ([f"{EPOCHS}=1,,2"], f"--grid {EPOCHS}: has an empty value"),
        ([f"{EPOCHS}=[]"], f"--grid {EPOCHS} has no value"),
        ([f"{EPOCHS}=1,2,1"], f"--grid {EPOCHS} has 1 twice"),
        ([f"{EPOCHS}=[1, 2"], f"--grid {EPOCHS}: is not YAML"),
        ([f"{EPOCHS}=1", f"{EPOCHS}=2"], f"--grid {EPOCHS} is given twice"),
        (["epochs"], "--grid takes KEY=VALUE, not 'epochs'"),
        ([f"{WIDTH}=1,2"], f"'{WIDTH}' has one value by --set and several by --grid"),
        ([f"{EPOCHS}={','.join(map(str, range(11)))}", "b=1,2,3,4,5,6,7,8,9,10"], r"the grid has 110 runs (11 x 10)"),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(grid: list[str], message: str) -> None:
    """With the key."""
    with pytest.raises(UsageError) as caught:
        wishes(asked(settings={WIDTH: "3"}), grid_of(grid))

    assert caught.value.message.startswith(message)


def test_a_large_grid_can_be_meant() -> None:
    """It has to be said."""
    assert len(wishes(Options(), {EPOCHS: [(str(n), str(n)) for n in range(200)]}, largest=200)) == 200


def test_what_contradicts_itself_is_refused() -> None:
    """And a name that reads as the number of a run."""
    with pytest.raises(UsageError, match="one of these is given too"):
        asked(first="trainer", only="split")
    with pytest.raises(UsageError, match="'12' cannot be the name of a run"):
        asked(name="12")
    with pytest.raises(UsageError, match="--set a is given twice"):
        settings_of(["a=1", "a=2"])
    with pytest.raises(UsageError, match="--set takes KEY=VALUE"):
        settings_of(["=1"])


def test_only_is_the_first_and_the_last() -> None:
    """In one word."""
    assert asked(only="trainer") == Options("trainer", "trainer")


def test_the_nodes_between_the_steps_can_be_named() -> None:
    """Statistics and schema stand behind the last step that makes examples."""
    assert names_of(KINDS) == ["data", "split", "statistics", "schema", "preprocess", "trainer"]
    assert names_of({"a": "custom", "b": "custom"}) == ["a", "b", "statistics", "schema"]
    assert names_of({"trainer": "trainer"}) == ["trainer"]
    refuse_part(KINDS, "schema", "trainer")


def test_a_part_ends_with_its_last_step() -> None:
    """Those behind are no steps of the run."""
    assert steps_to(KINDS, "split") == ["data", "split"]
    assert steps_to(KINDS, "schema") == ["data", "split"]
    assert steps_to(KINDS, "") == list(KINDS)


def test_a_part_that_there_is_not_is_refused() -> None:
    """With what is near."""
    with pytest.raises(UsageError, match=r"unknown step 'trainr'\nhint: did you mean 'trainer'\?"):
        refuse_part(KINDS, "trainr", "")
    with pytest.raises(UsageError, match="step 'data', to run to, stands before 'split', to run from"):
        refuse_part(KINDS, "split", "data")
