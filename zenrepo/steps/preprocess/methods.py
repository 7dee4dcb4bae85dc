"""The methods of StandardPreprocess: what each takes and gives, and its parameters with their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

NUMBER, TEXT, INDEX = "numbers", "text", "indices"
REQUIRED: Final = "required"

POSITIVE_WHOLE, WHOLE, ANY_NUMBER, ANY_TEXT, YES_NO = "positive whole number", "whole number", "number", "text", "bool"
NUMBERS, WHOLES, RANGE = "list of numbers", "list of positive whole numbers", "pair of positive whole numbers"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method.

    Args:
        kind: what it must be, in words.
        default: its value where it is not given; ``REQUIRED`` for none.
        choices: the texts that it may be, where only some are possible.
    """

    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """A method.

    Args:
        takes: the kinds of values that it can be given.
        gives: the kind of values that it makes; empty where that is the kind it was given.
        parameters: by name.
    """

    takes: tuple[str, ...]
    gives: str = ""
    parameters: dict[str, Parameter] | None = None


_BY = {"by": Parameter(ANY_TEXT, "feature", ("feature", "element"))}
_TOP = {"top_k": Parameter(POSITIVE_WHOLE), "frequency_threshold": Parameter(POSITIVE_WHOLE)}
_GRAMS = {"separator": Parameter(ANY_TEXT, " ")}
_SIZE = {"height": Parameter(POSITIVE_WHOLE, REQUIRED), "width": Parameter(POSITIVE_WHOLE, REQUIRED)}
_EVERY = (NUMBER, TEXT, INDEX)

METHODS: dict[str, Method] = {
    "none": Method(_EVERY),
    "drop": Method(_EVERY),
    "scale_to_z_score": Method((NUMBER,), NUMBER, _BY),
    "scale_to_0_1": Method((NUMBER,), NUMBER, _BY),
    "scale_by_min_max": Method(
        (NUMBER,),
        NUMBER,
        {"output_min": Parameter(ANY_NUMBER, 0.0), "output_max": Parameter(ANY_NUMBER, 1.0), **_BY},
    ),
    "scale_to_gaussian": Method((NUMBER,), NUMBER, _BY),
    "log": Method((NUMBER,), NUMBER, {"offset": Parameter(ANY_NUMBER, 1.0)}),
    "clip": Method((NUMBER,), NUMBER, {"min": Parameter(ANY_NUMBER), "max": Parameter(ANY_NUMBER)}),
    "pca": Method((NUMBER,), NUMBER, {"output_dim": Parameter(POSITIVE_WHOLE, REQUIRED)}),
    "bucketize": Method((NUMBER,), INDEX, {"num_buckets": Parameter(POSITIVE_WHOLE, REQUIRED), **_BY}),
    "apply_buckets": Method((NUMBER,), INDEX, {"boundaries": Parameter(NUMBERS, REQUIRED)}),
    "vocabulary": Method((TEXT,), INDEX, {**_TOP, "num_oov_buckets": Parameter(POSITIVE_WHOLE, 1)}),
    "hash_strings": Method((TEXT,), INDEX, {"hash_buckets": Parameter(POSITIVE_WHOLE, REQUIRED)}),
    "one_hot": Method(_EVERY, NUMBER, {"depth": Parameter(POSITIVE_WHOLE), **_TOP}),
    "tokenize": Method(
        (TEXT,),
        TEXT,
        {"pattern": Parameter(ANY_TEXT, r"[^\pL\pN]+"), "lower": Parameter(YES_NO, True)},
    ),
    "ngrams": Method((TEXT,), TEXT, {"ngram_range": Parameter(RANGE, [1, 2]), **_GRAMS}),
    "bag_of_words": Method((TEXT,), NUMBER, {**_TOP, "ngram_range": Parameter(RANGE, [1, 1]), **_GRAMS}),
    "tfidf": Method((TEXT,), NUMBER, {**_TOP, "smooth": Parameter(YES_NO, True)}),
    "word_count": Method((TEXT,), NUMBER),
    "decode_image": Method((TEXT,), NUMBER, {**_SIZE, "channels": Parameter(POSITIVE_WHOLE, 3)}),
    "resize_image": Method((NUMBER,), NUMBER, _SIZE),
    "reshape": Method((NUMBER,), NUMBER, {"shape": Parameter(WHOLES, REQUIRED)}),
    "pad": Method(_EVERY, "", {"length": Parameter(POSITIVE_WHOLE, REQUIRED), "value": Parameter(ANY_NUMBER, 0.0)}),
    "cast": Method(_EVERY, "", {"to": Parameter(ANY_TEXT, REQUIRED, ("number", "text"))}),
}

FILLINGS: dict[str, Method] = {
    "mean": Method((NUMBER,)),
    "median": Method((NUMBER,)),
    "min": Method((NUMBER,)),
    "max": Method((NUMBER,)),
    "mode": Method((TEXT,)),
    "constant": Method((NUMBER, TEXT), "", {"value": Parameter("number or text", REQUIRED)}),
}


def given(call: Call, kind: str) -> str:
    """Say which kind of values a method makes of a kind that it is given."""
    if call.method == "cast":
        return NUMBER if call["to"] == "number" else TEXT
    return METHODS[call.method].gives or kind


@dataclass(frozen=True)
class Call:
    """A method with its parameters.

    Args:
        method: its name.
        parameters: all of them, the defaults too.
    """

    method: str
    parameters: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


@dataclass(frozen=True)
class Treatment:
    """What becomes of a feature.

    Args:
        source: the feature that it is made from.
        calls: the methods, one after the other; none stands for the default of the feature's type.
        filling: of missing values; ``None`` for the default.
    """

    source: str
    calls: tuple[Call, ...]
    filling: Call | None
