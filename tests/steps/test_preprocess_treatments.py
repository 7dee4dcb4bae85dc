"""How features are to be treated is data, and what cannot be right is refused when the step is made."""

from __future__ import annotations

from typing import Any

import pytest

from zenrepo.errors import StepArgumentError
from zenrepo.steps import StandardPreprocess
from zenrepo.steps.preprocess.methods import METHODS


def refused(**args: Any) -> str:
    """Say why a step is refused."""
    with pytest.raises(StepArgumentError) as error:
        StandardPreprocess(**{"label": "y", **args})
    return str(error.value)


def test_a_name_a_map_and_a_list_are_treatments() -> None:
    """One method by its name, one with parameters, and several that follow each other."""
    step = StandardPreprocess(
        label="y",
        features={
            "a": "log",
            "b": {"method": "bucketize", "num_buckets": 5, "filling": "median"},
            "c": ["tokenize", {"method": "tfidf", "top_k": 50}],
            "d": {"from": "b", "method": "clip", "min": 0, "filling": 1},
        },
    )
    treatments = step.treatments

    assert [call.method for call in treatments["a"].calls] == ["log"]
    assert str(treatments["b"].filling) == "Call(method='median', parameters={})"
    assert [call.method for call in treatments["c"].calls] == ["tokenize", "tfidf"]
    assert treatments["c"].calls[1].parameters == {"top_k": 50, "frequency_threshold": None, "smooth": True}
    assert treatments["d"].source == "b"
    assert str(treatments["d"].filling) == "Call(method='constant', parameters={'value': 1})"


def test_an_unknown_method_is_refused_with_those_near_it() -> None:
    """The feature, the method and the nearest one are named."""
    assert "there is no method 'bucketise', which 'age' names\nhint: did you mean 'bucketize'?" in refused(
        features={"age": {"method": "bucketise", "num_buckets": 5}}
    )


def test_an_unknown_parameter_is_refused_with_those_near_it() -> None:
    """The method and the nearest parameter are named."""
    assert "'bucketize' of 'age' takes no 'num_bucket'\nhint: did you mean 'num_buckets'?" in refused(
        features={"age": {"method": "bucketize", "num_bucket": 5}}
    )


@pytest.mark.parametrize(
    ("treatment", "said"),
    [
        ({"method": "bucketize"}, "'bucketize' of 'a' has no 'num_buckets'"),
        ({"method": "bucketize", "num_buckets": 2.5}, "is 2.5, not a positive whole number"),
        ({"method": "bucketize", "num_buckets": True}, "is True, not a positive whole number"),
        ({"method": "scale_to_z_score", "by": "row"}, "give 'feature' or 'element'"),
        ({"method": "apply_buckets", "boundaries": [3, 1]}, "let them rise"),
        ({"method": "scale_by_min_max", "output_min": 1}, "let them rise"),
        ({"method": "clip"}, "'clip' of 'a' has no bound"),
        ({"method": "log", "filling": "average"}, "there is no filling 'average'"),
        ({"method": "log", "filling": "mode"}, "the filling 'mode' of 'a' is for text"),
        ({"method": "log", "filling": "constant"}, "has no value"),
        ({"method": "ngrams", "ngram_range": [2, 1]}, "let them rise"),
        (["bucketize"], "has no 'num_buckets'"),
        (
            [{"method": "bucketize", "num_buckets": 3}, "log"],
            "'log' of 'a' takes numbers, but 'bucketize' gives indices",
        ),
        (["none", "log"], "'none' or 'drop' beside other methods"),
        ([], "the list of methods of 'a' is empty"),
        (7, "the treatment of 'a' is 7"),
        ({"method": None}, "there is no method None"),
        ({"from": ""}, "is made from ''"),
    ],
)
def test_what_cannot_be_right_is_refused(treatment: Any, said: str) -> None:
    """Parameters, fillings and orders are looked at before anything runs."""
    assert said in refused(features={"a": treatment})


def test_features_and_label_are_told_apart() -> None:
    """The label has no treatment, and a feature that is left out has none either."""
    assert "features names the label 'y'" in refused(features={"y": "log"})
    assert "'a' is in features and in exclude" in refused(features={"a": "log"}, exclude=["a"])
    assert "exclude names the label 'y'" in refused(exclude=["y"])
    assert "features is ['a'], not a map" in refused(features=["a"])


def test_the_treatment_of_all_numbers_takes_numbers() -> None:
    """The defaults are treatments too."""
    assert "'tokenize' of 'numbers' takes text" in refused(numbers="tokenize")
    assert "'log' of 'texts' takes numbers" in refused(texts="log")


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_every_method_has_a_function() -> None:
    """A method that is known can be applied."""
    from zenrepo.steps.preprocess import on_numbers, on_texts

    applied = {*on_texts.ALONE, *on_numbers.ALONE, *on_numbers.STATISTICS, on_numbers.GAUSSIAN, "none", "drop", "pad"}

    assert applied - {"mean", "median", "min", "max"} == METHODS.keys()
