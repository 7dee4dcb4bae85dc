"""The split steps on examples of known values: what belongs together, which shares are kept, what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.runner.in_process import Rows, examples, perform, read
from zenrepo.errors import StepFailed
from zenrepo.steps import (
    CategoricalDomainSplit,
    CategoricalRatioSplit,
    GroupedSplit,
    HashSplit,
    NoSplit,
    RandomSplit,
    SplitStep,
    StratifiedSplit,
    TimeSplit,
)

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
Divided = tuple[dict[str, Any], dict[str, list[Any]]]
Divide = Callable[..., Divided]


@pytest.fixture
def divide(tmp_path: Path) -> Divide:
    """Divides tables, each a file: gives what is reported, and the values of the column ``id`` in each split."""

    def run(step: SplitStep, *tables: Rows) -> Divided:
        from zenrepo.runner.executors.split import split

        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        source = examples(folder / "source", data=list(tables))
        facts, made = perform(split, step, folder, source, ("data", "examples"))
        names = step.get_split_names()
        return facts, {name: [e.features.feature["id"].int64_list.value[0] for e in read(made, name)] for name in names}

    return run


def table(rows: int, **columns: Callable[[int], Any]) -> Rows:
    """Make a table of numbered rows."""
    return {"id": list(range(rows)), **{name: [make(i) for i in range(rows)] for name, make in columns.items()}}


def part(rows: Rows, *bounds: int) -> list[Rows]:
    """Cut a table into several."""
    edges = [0, *bounds, len(rows["id"])]
    return [{n: v[a:b] for n, v in rows.items()} for a, b in pairwise(edges)]


STEPS: list[SplitStep] = [
    RandomSplit(),
    StratifiedSplit(column="c"),
    GroupedSplit(column="user"),
    HashSplit(column="user"),
    TimeSplit(column="id"),
    CategoricalRatioSplit(column="user"),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_files_do_not_matter(step: SplitStep, divide: Divide) -> None:
    """The same examples in other files, in another order, are in the same splits."""
    rows = table(400, c=lambda i: "abbb"[i % 4], user=lambda i: f"u{i % 40}")
    turned = {name: values[::-1] for name, values in rows.items()}
    _, one = divide(step, rows)
    _, two = divide(step, *part(turned, 1, 100, 101))

    assert {name: sorted(ids) for name, ids in one.items()} == {name: sorted(ids) for name, ids in two.items()}
    assert sorted(i for ids in one.values() for i in ids) == rows["id"]


def test_classes_keep_their_shares_exactly(divide: Divide) -> None:
    """Each class is divided as told, to within one example, a class of three and the missing one too."""
    rows = table(1003, c=lambda i: "rare" if i >= 1000 else ["a", "a", "a", "a", "b", None][i % 6])
    shares = {"train": 0.7, "eval": 0.2, "test": 0.1}
    facts, ids = divide(StratifiedSplit(column="c", split_map=shares), *part(rows, 300))
    sizes = Counter(rows["c"])

    for name, wanted in shares.items():
        found = Counter(rows["c"][i] for i in ids[name])
        assert all(abs(found[c] - wanted * size) <= 1 for c, size in sizes.items()), name
    assert facts["classes"] == 4


def test_equal_examples_of_a_class_are_never_parted(tmp_path: Path) -> None:
    """Duplicates stay together, at the cost of the shares."""
    from zenrepo.runner.executors.split import split

    source = examples(tmp_path / "source", data=[{"c": ["a"] * 60 + ["b"] * 40, "x": [0] * 60 + [1] * 10 + [2] * 30}])
    facts, _ = perform(split, StratifiedSplit(column="c"), tmp_path, source, ("data", "examples"))

    assert facts["splits"] in ({"train": 90, "eval": 10}, {"train": 70, "eval": 30})


def test_groups_stay_whole_and_the_shares_near(divide: Divide) -> None:
    """No group is in two splits, and groups of very different sizes make the shares of the examples all the same."""
    sizes = [500, 200, 100, *[10] * 20]
    users = [f"u{number}" for number, size in enumerate(sizes) for _ in range(size)]
    rows = {"id": list(range(len(users))), "user": users}
    facts, ids = divide(GroupedSplit(column="user"), *part(rows, 250, 600))
    parted = {name: {users[i] for i in of} for name, of in ids.items()}

    assert not parted["train"] & parted["eval"]
    assert len(ids["train"]) / len(users) == pytest.approx(0.7, abs=0.01)
    assert facts["groups"] == len(sizes)


def test_as_many_groups_as_splits_fill_them_all(divide: Divide) -> None:
    """The last groups go to splits that have none."""
    rows = table(30, user=lambda i: i // 10)
    _, ids = divide(GroupedSplit(column="user", split_map={"train": 0.98, "eval": 0.01, "test": 0.01}), rows)

    assert [len(of) for of in ids.values()] == [10, 10, 10]


def test_a_key_stays_where_it_is_when_data_grows(divide: Divide) -> None:
    """New keys, other columns and a column that became one of floats move no key."""
    few = table(200, key=lambda i: i % 50, x=float)
    many = table(1000, key=lambda i: None if i == 999 else i % 250, y=float)
    step = HashSplit(column="key", missing="skip")
    _, before = divide(step, few)
    facts, after = divide(step, {**many, "key": [None if key is None else float(key) for key in many["key"]]})
    old = {few["key"][i] for i in before["train"]}
    new = {many["key"][i] for i in after["train"]}

    assert old == {key for key in new if key < 50}
    assert facts["missing_keys"] == facts["left_out"] == 1
    assert len(new) / 250 == pytest.approx(0.7, abs=0.1)


def test_time_is_cut_at_a_quantile(divide: Divide) -> None:
    """The oldest 60% of the examples are for training; what happened at one moment is not parted."""
    moments = [f"2026-01-{1 + i % 20:02d}" for i in range(200)]
    rows = {"id": list(range(200)), "day": moments}
    shares = {"test": 0.2, "train": 0.6, "eval": 0.2}
    facts, ids = divide(TimeSplit(column="day", split_map=shares), *part(rows, 7))
    days = {name: {moments[i] for i in of} for name, of in ids.items()}

    assert facts["splits"] == {"train": 120, "eval": 40, "test": 40}
    assert facts["starts"] == {"eval": "2026-01-13T00:00:00Z", "test": "2026-01-17T00:00:00Z"}
    assert max(days["train"]) < min(days["eval"]) < max(days["eval"]) < min(days["test"])


def test_time_is_cut_at_moments(divide: Divide) -> None:
    """Offsets count; an example at the very moment belongs to what begins there."""
    texts = ["2025-12-31T23:59:59.9Z", "2026-01-01T00:30:00+01:00", "2026-01-01", "2026-01-01 00:00:00.5", "2026-02"]
    rows = {"id": list(range(5)), "at": texts}
    _, ids = divide(TimeSplit(column="at", starts={"train": None, "eval": "2026-01-01T00:00:00Z"}), rows)

    assert ids == {"train": [0, 1], "eval": [2, 3, 4]}


def test_times_can_be_numbers(divide: Divide) -> None:
    """A day count is as good as a date, and a missing one goes where it is sent."""
    rows = {"id": list(range(6)), "day": [1, 2, 3, 4, None, 5]}
    facts, ids = divide(TimeSplit(column="day", starts={"train": None, "eval": 4}, missing="train"), rows)

    assert ids == {"train": [0, 1, 2, 4], "eval": [3, 5]}
    assert facts["missing_times"] == 1


def test_categories_go_where_they_are_listed(divide: Divide) -> None:
    """Texts and numbers are listed as they are; what is listed nowhere is left out, and counted."""
    rows = table(8, c=lambda i: ["DE", "FR", "IT", None][i % 4], n=lambda i: float(i % 4))
    listed = {"train": ["DE", "FR"], "eval": ["IT"]}
    facts, ids = divide(CategoricalDomainSplit(column="c", split_map=listed, unknown_category_policy="skip"), rows)
    _, by_number = divide(CategoricalDomainSplit(column="n", split_map={"train": [0, 1], "eval": [2, 3]}), rows)

    assert ids == {"train": [0, 1, 4, 5], "eval": [2, 6]}
    assert by_number == {"train": [0, 1, 4, 5], "eval": [2, 3, 6, 7]}
    assert facts["left_out"] == facts["unknown_categories"] == 2


def test_unknown_categories_can_have_a_split(divide: Divide) -> None:
    """The policy names a split, which needs no category of its own."""
    rows = table(6, c=lambda i: "abc"[i % 3])
    step = CategoricalDomainSplit(column="c", split_map={"train": ["a"], "eval": []}, unknown_category_policy="eval")
    facts, ids = divide(step, rows)

    assert ids == {"train": [0, 3], "eval": [1, 2, 4, 5]}
    assert facts["unknown_categories"] == 4


def test_listed_categories_are_divided_exactly(divide: Divide) -> None:
    """Of ten categories seven are for training, all examples of each."""
    rows = table(100, c=lambda i: f"c{i % 10}")
    step = CategoricalRatioSplit(column="c", categories=[f"c{i}" for i in range(10)])
    _, ids = divide(step, rows)

    assert len({rows["c"][i] for i in ids["train"]}) == 7
    assert (len(ids["train"]), len(ids["eval"])) == (70, 30)


def test_no_split_is_one_split(divide: Divide) -> None:
    """All examples are there, in their order."""
    _, ids = divide(NoSplit(split="all"), *part(table(10), 4))

    assert ids == {"all": list(range(10))}


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        (HashSplit(column="uesr"), "there is no column 'uesr' in the examples", "did you mean 'user'?"),
        (HashSplit(column="gap"), "column 'gap' has no value in some examples", "set missing to 'skip'"),
        (HashSplit(column="same"), "split 'eval' has no examples, of 40 in all", "too few different values"),
        (HashSplit(column="list"), "column 'list' has several values in an example", "one in each"),
        (GroupedSplit(column="same"), "split 'eval' has no examples", "fewer groups than there are splits"),
        (TimeSplit(column="same"), "column 'same' is 1 in all examples", "tells earlier from later"),
        (TimeSplit(column="user"), "'u0' in column 'user' is not an ISO 8601 time", "write it as '2026-01-31'"),
        (
            TimeSplit(column="id", starts={"train": None, "eval": "2026-01-01"}),
            "starts has texts",
            "as the column does",
        ),
        (TimeSplit(column="id", starts={"train": None, "eval": 99}), "split 'eval' has no examples", "move where"),
        (
            CategoricalDomainSplit(column="user", split_map={"train": ["u0", "u2"], "eval": ["u1"]}),
            "category 'u3' of column 'user' is listed nowhere",
            "list it, or set unknown_category_policy",
        ),
        (
            CategoricalDomainSplit(column="same", split_map={"train": ["1"], "eval": ["2"]}),
            "column 'same' holds numbers, but the categories are texts",
            "list 1, not '1'",
        ),
        (
            CategoricalDomainSplit(column="same", split_map={"train": [1], "eval": [2]}),
            "split 'eval' has no examples",
            "none of them belongs to 'eval'",
        ),
        (RandomSplit(split_map={"train": 0.9999, "eval": 0.0001}), "split 'eval' has no examples", "a larger share"),
    ],
)
def test_what_cannot_be_divided_is_refused(step: SplitStep, message: str, hint: str, divide: Divide) -> None:
    """The message names the column and the value, the hint the cure."""
    rows = table(
        40,
        user=lambda i: f"u{i % 4}",
        gap=lambda i: None if i == 39 else i,
        same=lambda _: 1,
        list=lambda i: [1] if i < 39 else [1, 2],
    )

    with pytest.raises(StepFailed) as refused:
        divide(step, *part(rows, 20))

    assert message in str(refused.value)
    assert hint in str(refused.value)
