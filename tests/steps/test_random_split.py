"""RandomSplit: shares are kept, examples stay where they are."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.steps import RandomSplit

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # numpy and Arrow come with TFX


def batch(**columns: list[Any]) -> Any:
    """Make a batch as examples are decoded: each column a list of values."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({n: [v if v is None else [v] for v in values] for n, values in columns.items()})


def test_shares_are_kept() -> None:
    """Of 100,000 examples each split has its share, to half a percent."""
    import numpy as np

    split = RandomSplit(split_map={"train": 0.6, "eval": 0.3, "test": 0.1})
    parts = split.partition_fn(batch(a=list(range(100_000))))

    assert np.bincount(parts) / 100_000 == pytest.approx([0.6, 0.3, 0.1], abs=0.005)


def test_an_example_stays_in_its_split() -> None:
    """Neither the other examples, nor their order, nor the order of columns move an example."""
    rows = {"n": [1, 2, 3, None], "x": [0.5, -1.5, None, None], "t": [b"a", b"", b"c", b"d"]}
    split = RandomSplit(split_map={"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25})
    whole = split.partition_fn(batch(**rows)).tolist()
    turned = split.partition_fn(batch(**{n: rows[n][::-1] for n in reversed(rows)})).tolist()
    alone = [split.partition_fn(batch(**{n: v[i : i + 1] for n, v in rows.items()})).item() for i in range(3)]

    assert turned == whole[::-1]
    assert alone == whole[:3]


def test_equal_examples_are_never_parted() -> None:
    """A duplicate in the evaluation split would be one that the model was trained on."""
    parts = RandomSplit().partition_fn(batch(n=[5] * 1000, t=["x"] * 1000))

    assert len(set(parts.tolist())) == 1


def test_another_seed_draws_otherwise() -> None:
    """Seeds are independent of each other."""
    numbers = batch(n=list(range(1000)))
    one, two = (RandomSplit(seed=seed).partition_fn(numbers) for seed in (0, 1))

    assert 200 < (one != two).sum() < 700
