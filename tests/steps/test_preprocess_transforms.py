"""StandardPreprocess on rows: every method, every filling, and the same numbers as one analyzer a feature."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tests.steps.transforming import trace, transform
from zenrepo.errors import StepFailed
from zenrepo.steps import PreprocessStep, StandardPreprocess

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings

ROWS = 300
DRAW = random.Random(3)
HOLES = [[DRAW.gauss(5, 2)] if DRAW.random() > 0.1 else [] for _ in range(ROWS)]
PRESENT = [value for values in HOLES for value in values]
WINDOWS = [[DRAW.gauss(0, 1), DRAW.gauss(5, 1), DRAW.gauss(10, 1)] for _ in range(ROWS)]
LONG_TAILED = [[DRAW.gauss(0, 1) ** 3] for _ in range(ROWS)]
CITIES = [[["Rome", "Rome", "Oslo", "Bern"][i % 4]] if i % 7 else [] for i in range(ROWS)]
TEXTS = [[["The cat, the dog!", "a dog sat", "Über Größe"][i % 3]] for i in range(ROWS)]
TAGS = [["x", "y", "z"][: i % 4] for i in range(ROWS)]


def image(shade: int) -> bytes:
    """Make a PNG of one shade of grey."""
    import numpy as np
    import tensorflow as tf

    content: bytes = tf.io.encode_png(np.full((5, 7, 3), shade, np.uint8)).numpy()
    return content


FEATURES: dict[str, Any] = {
    "zero_one": "scale_to_0_1",
    "min_max": {"method": "scale_by_min_max", "output_min": -1, "output_max": 2, "filling": "min"},
    "gaussian": "scale_to_gaussian",
    "log": {"method": "log", "offset": 2},
    "log_scaled": ["log", "scale_to_z_score"],
    "clip": {"method": "clip", "min": 4, "max": 6, "filling": 0},
    "median": {"method": "clip", "min": -1000, "filling": "median"},
    "maximum": {"method": "clip", "min": -1000, "filling": "max"},
    "buckets": {"method": "bucketize", "num_buckets": 4},
    "given_buckets": [{"method": "apply_buckets", "boundaries": [3, 5]}, "one_hot"],
    "as_is": "none",
    "element": {"method": "scale_to_z_score", "by": "element"},
    "pca": ["scale_to_z_score", {"method": "pca", "output_dim": 2}],
    "mode": {"method": "vocabulary", "filling": "mode"},
    "hash": {"method": "hash_strings", "hash_buckets": 5},
    "hot": {"method": "one_hot", "depth": 4},
    "tfidf": ["tokenize", {"method": "tfidf", "top_k": 6}],
    "grams": ["tokenize", "ngrams", {"method": "bag_of_words", "top_k": 9}],
    "count": ["tokenize", "word_count"],
    "tokens": ["tokenize", {"method": "pad", "length": 4}, "vocabulary"],
    "image": {"method": "decode_image", "height": 4, "width": 6},
    "pixels": [
        {"method": "reshape", "shape": [2, 2, 3]},
        {"method": "resize_image", "height": 4, "width": 4},
        "scale_to_0_1",
    ],
    "padded": [{"method": "pad", "length": 3}, "scale_to_0_1"],
    "numerals": [{"method": "cast", "to": "number"}, "scale_to_0_1"],
    "codes": [{"method": "cast", "to": "text"}, "vocabulary"],
    "dropped": "drop",
    "again": {"from": "standard", "method": "bucketize", "num_buckets": 3},
}


@pytest.fixture(scope="module")
def columns() -> dict[str, list[Any]]:
    """A column for each of the treatments."""
    alike = dict.fromkeys(("standard", "zero_one", "min_max", "log_scaled", "clip", "median", "maximum"), HOLES)
    return {
        "y": [["no", "yes"][i % 2 : i % 2 + 1] for i in range(ROWS)],
        **alike,
        "buckets": HOLES,
        "given_buckets": HOLES,
        "gaussian": LONG_TAILED,
        "log": [[float(i)] for i in range(ROWS)],
        "as_is": [[i] for i in range(ROWS)],
        "whole": [[i % 10] for i in range(ROWS)],
        "constant": [[3.0]] * ROWS,
        **dict.fromkeys(("list", "element", "pca"), WINDOWS),
        **dict.fromkeys(("city", "mode"), CITIES),
        "hash": [[c] for c in "abcd" * (ROWS // 4)],
        "hot": [[c] for c in "abcd" * (ROWS // 4)],
        **dict.fromkeys(("tfidf", "grams", "count", "tokens"), TEXTS),
        "image": [[image(i % 256)] for i in range(ROWS)],
        "pixels": [[float(j) for j in range(12)]] * ROWS,
        "padded": [[1.0] * (i % 5 + 1) for i in range(ROWS)],
        "tags": TAGS,
        "pair": [["u", "v"]] * ROWS,
        "numerals": [[["1", " 2.5 ", "n/a", "7"][i % 4]] for i in range(ROWS)],
        "codes": [[5 + i % 3] for i in range(ROWS)],
        "dropped": [[1.0]] * ROWS,
    }


@pytest.fixture(scope="module")
def made(columns: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """All of them transformed in one run."""
    step = StandardPreprocess(label="y", features=FEATURES, vocabulary_size=20)
    step.many_valued = frozenset({"tags", "padded"})
    return transform(step, columns, tmp_path_factory.mktemp("transform"))


@pytest.fixture(scope="module")
def out(made: tuple[dict[str, Any], Any]) -> dict[str, Any]:
    """The transformed columns."""
    return made[0]


def test_each_output_has_a_fixed_shape(out: dict[str, Any]) -> None:
    """Numbers and indices, dense, whatever they were made from."""
    shapes = {name: values.shape[1:] for name, values in out.items()}

    assert "dropped" not in out
    assert {name: shape for name, shape in shapes.items() if shape != (1,)} == {
        "given_buckets": (3,),
        "list": (3,),
        "element": (3,),
        "pca": (2,),
        "hot": (4,),
        "tfidf": (7,),
        "grams": (9,),
        "tokens": (4,),
        "image": (4, 6, 3),
        "pixels": (4, 4, 3),
        "padded": (3,),
        "tags": (20,),
        "pair": (2,),
    }


def test_scaling_counts_what_is_there(out: dict[str, Any]) -> None:
    """Means, variances and bounds are those of the values; a missing one becomes its filling."""
    import numpy as np

    held = np.array([bool(values) for values in HOLES])
    low, high = min(PRESENT), max(PRESENT)
    standard, zero_one = out["standard"][:, 0], out["zero_one"][:, 0]

    assert standard[held] == pytest.approx((np.array(PRESENT) - np.mean(PRESENT)) / np.std(PRESENT), abs=1e-4)
    assert standard[~held] == pytest.approx(0, abs=1e-5)
    assert zero_one[held] == pytest.approx((np.array(PRESENT) - low) / (high - low), abs=1e-5)
    assert zero_one[~held] == pytest.approx((np.mean(PRESENT) - low) / (high - low), abs=1e-5)
    assert out["min_max"][~held] == pytest.approx(-1)
    assert out["min_max"].max() == pytest.approx(2)
    assert out["clip"][~held] == pytest.approx(4)
    assert out["maximum"][~held] == pytest.approx(high)
    assert out["median"][~held][0, 0] == pytest.approx(np.median(PRESENT), abs=0.2)
    assert set(out["constant"].ravel()) == {0.0}


def test_a_list_is_scaled_as_a_whole_or_by_element(out: dict[str, Any]) -> None:
    """The values of a window are the same quantity, unless the treatment says otherwise."""
    import numpy as np

    windows = np.array(WINDOWS)

    assert out["list"] == pytest.approx((windows - windows.mean()) / windows.std(), abs=1e-4)
    assert out["element"] == pytest.approx((windows - windows.mean(axis=0)) / windows.std(axis=0), abs=1e-4)


def test_methods_follow_each_other(out: dict[str, Any]) -> None:
    """A logarithm is scaled with the statistics of logarithms; the mean that fills is that of the values."""
    import numpy as np

    values = np.array([values[0] if values else np.mean(PRESENT) for values in HOLES])
    logs = np.log(np.maximum(values + 1, 1e-6))

    assert out["log_scaled"][:, 0] == pytest.approx((logs - logs.mean()) / logs.std(), abs=1e-3)
    assert out["log"][5, 0] == pytest.approx(math.log(7), abs=1e-5)


def test_long_tails_become_normal(out: dict[str, Any]) -> None:
    """What was far out comes near."""
    assert max(abs(values[0]) for values in LONG_TAILED) > 10
    assert abs(out["gaussian"]).max() < 5


def test_buckets_hold_equally_many(out: dict[str, Any]) -> None:
    """A bucket of four has about a quarter of the values; given boundaries are kept."""
    import numpy as np

    held = np.array([bool(values) for values in HOLES])
    shares = np.bincount(out["buckets"][held, 0], minlength=4) / held.sum()
    given = np.digitize(PRESENT, [3, 5])

    assert shares == pytest.approx([0.25] * 4, abs=0.03)
    assert (out["given_buckets"][held].argmax(axis=1) == given).all()
    assert set(out["again"].ravel()) == {0, 1, 2}


def test_texts_become_indices_by_frequency(out: dict[str, Any]) -> None:
    """The most frequent is 0; what is missing is after the last, or the most frequent where that fills."""
    expected = {"Rome": 0, "Oslo": 1, "Bern": 2}
    found = {cities[0]: int(i[0]) for cities, i in zip(CITIES, out["city"], strict=True) if cities}
    missing = [i for i, cities in enumerate(CITIES) if not cities]

    assert found["Rome"] == expected["Rome"]
    assert set(found.values()) == {0, 1, 2}
    assert set(out["city"][missing].ravel()) == {3}
    assert set(out["mode"][missing].ravel()) == {0}
    assert set(out["y"].ravel()) == {0, 1}
    assert set(out["codes"].ravel()) == {0, 1, 2}
    assert out["pair"].tolist()[0] in ([0, 1], [1, 0])


def test_several_texts_become_a_bag(out: dict[str, Any]) -> None:
    """Each text of an example sets one number to 1."""
    assert [int(row.sum()) for row in out["tags"][:4]] == [0, 1, 2, 3]
    assert set(out["tags"].ravel()) == {0.0, 1.0}


def test_texts_are_taken_apart(out: dict[str, Any]) -> None:
    """Words are lower case, and without the signs around them; a text too short is padded."""
    assert out["count"][:3, 0].tolist() == [4, 3, 2]
    assert (out["tfidf"][:3] > 0).sum(axis=1).tolist() == [3, 3, 2]
    assert len(set(out["tokens"][2][2:])) == 1
    assert out["grams"].sum() > 0
    assert out["hot"].sum(axis=1).tolist() == [1.0] * ROWS
    assert set(out["hash"].ravel()) <= set(range(5))


def test_images_are_floats(out: dict[str, Any]) -> None:
    """A shade of 51 of 255 is 0.2, at any size."""
    assert out["image"][51] == pytest.approx(0.2)
    assert out["pixels"].min() == 0
    assert out["pixels"].max() == 1


def test_numbers_that_are_texts_are_read(out: dict[str, Any]) -> None:
    """What is no number is missing, which the mean fills."""
    assert out["numerals"][:4, 0] == pytest.approx([0, 0.25, (3.5 - 1) / 6, 1])


def test_what_is_passed_through_stays_as_it_is(out: dict[str, Any]) -> None:
    """Whole numbers stay whole."""
    assert out["as_is"].dtype.kind == "i"
    assert out["as_is"][:, 0].tolist() == list(range(ROWS))


def test_indices_are_marked_for_the_trainer(made: tuple[dict[str, Any], Any]) -> None:
    """The schema says of each feature that holds indices how many there are."""
    schema = made[1].transformed_metadata.schema
    depths = {f.name: f.int_domain.max + 1 for f in schema.feature if f.int_domain.is_categorical and f.name != "y"}

    assert {name: depths[name] for name in ("buckets", "hash", "again", "city", "codes", "pair")} == {
        "buckets": 4,
        "hash": 5,
        "again": 3,
        "city": 4,
        "codes": 4,
        "pair": 3,
    }


class Separate(PreprocessStep):
    """One analyzer for each feature, as the preprocessing functions of tutorials have."""

    def preprocessing_fn(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Scale."""
        import tensorflow_transform as tft

        scale = {"a": tft.scale_to_z_score, "b": tft.scale_to_z_score, "c": tft.scale_to_0_1, "d": tft.scale_to_0_1}
        return {name: scale[name](values) if name in scale else values for name, values in inputs.items()}


def test_one_analyzer_gives_what_many_give(tmp_path: Path) -> None:
    """The stacked statistics are those of TensorFlow Transform's own mappers."""
    draw = random.Random(1)
    rows = {n: [[draw.lognormvariate(i, i)] for _ in range(500)] for i, n in enumerate("abcd", 1)}
    rows["y"] = [[i % 2] for i in range(500)]
    together = StandardPreprocess(label="y", features={"c": "scale_to_0_1", "d": "scale_to_0_1"})
    found, _ = transform(together, rows, tmp_path / "together")
    expected, _ = transform(Separate(), rows, tmp_path / "separate")

    for name in "abcd":
        assert found[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"features": {"agee": "log"}}, "there is no feature 'agee' in the examples\nhint: did you mean 'age'?"),
        ({"exclude": ["agee"]}, "there is no feature 'agee'"),
        ({"label": "z"}, "there is no label 'z'"),
        ({"features": {"city": "log"}}, "feature 'city' is text, but 'log' takes numbers"),
        ({"features": {"age": "tokenize"}}, "feature 'age' is numbers, but 'tokenize' takes text"),
        (
            {"features": {"age": {"filling": "mode"}}},
            "feature 'age' is numbers, but the filling 'mode' is not for that",
        ),
        ({"features": {"age": "none"}}, "feature 'age' has no value in some examples\nhint: give it a 'filling'"),
        ({"features": {"city": "tokenize"}}, "feature 'city' has several values in some examples"),
        ({"features": {"age": "one_hot"}}, "does not know how many values there are"),
        ({"features": {"pair": {"method": "pca", "output_dim": 3}}}, "is to give 3 numbers of 2"),
        ({"features": {"pair": {"method": "reshape", "shape": [3]}}}, "cannot have the shape [3]"),
        ({"features": {"pair": {"method": "resize_image", "height": 2, "width": 2}}}, "is no image"),
        ({"features": {"pair": {"from": "age", "method": "log"}}}, "is a feature itself"),
        ({"features": dict.fromkeys(("age", "city", "pair"), "drop")}, "no feature is left beside the label 'y'"),
        ({"label": "age"}, "the label 'age' has no value, or several, in some examples"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(args: dict[str, Any], said: str) -> None:
    """The feature, what it is and the cure are named before anything is computed."""
    columns: dict[str, list[Any]] = {
        "y": [[1], [0]],
        "age": [[1.5], []],
        "city": [["a"], ["b"]],
        "pair": [[1.0, 2.0]] * 2,
    }

    with pytest.raises(StepFailed) as error:
        trace(StandardPreprocess(**{"label": "y", **args}), columns)

    assert said in str(error.value)


def test_a_list_of_any_length_needs_one() -> None:
    """Numbers that differ in their number have no fixed shape."""
    step = StandardPreprocess(label="y")
    step.many_valued = frozenset({"series"})

    with pytest.raises(
        StepFailed, match=r"feature 'series' has several values in some examples\nhint: put \{method: pad"
    ):
        trace(step, {"y": [[1], [0]], "series": [[1.0], [1.0, 2.0]]})
