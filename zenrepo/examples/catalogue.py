"""The examples, and what is known of their data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec

from zenrepo.errors import UnknownName

MODULES = {"tfx": "tfx", "torch": "torch", "sql": "sqlalchemy"}
"""By extra of zenrepo, a module that it brings."""

DATA = ("python make_data.py", "git add data", 'git commit --quiet --message "Add the data"')
BEGIN = (*DATA, "zenrepo runs --follow")
"""What a user types first in every example: the data comes, its commit runs the pipeline."""


@dataclass(frozen=True)
class Expected:
    """What a run is expected to end in.

    Args:
        metric: as the evaluator names it, or as the last command prints it in front of its value.
        known: what is known of the data set.
        at_least: the least value that makes sense.
        at_most: the greatest.
    """

    metric: str
    known: str
    at_least: float = -math.inf
    at_most: float = math.inf

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        least = f"at least {self.at_least:g}" if self.at_least > -math.inf else ""
        most = f"at most {self.at_most:g}" if self.at_most < math.inf else ""
        return " and ".join(bound for bound in (least, most) if bound)


@dataclass(frozen=True)
class Example:
    """An example.

    Args:
        name: of its folder.
        teaches: what a reader learns, in a few words.
        pipeline: whose newest run measures the metric.
        expected: what that is to be.
        seconds: how long it runs, about, on two cores.
        extras: of zenrepo that it needs.
        kinds: of its pipelines.
        commands: what a user types in the repository, one after the other.
        is_printed: whether the last command prints the metric.
    """

    name: str
    teaches: str
    pipeline: str
    expected: Expected
    seconds: int
    extras: tuple[str, ...] = ("tfx",)
    kinds: tuple[str, ...] = ("training",)
    commands: tuple[str, ...] = BEGIN
    is_printed: bool = False


_ALL = (
    Example(
        "penguins",
        "classify a table of numbers, texts and missing values, with a network of your own",
        "penguins",
        Expected(
            "sparse_categorical_accuracy",
            "0.97 to 1 for most classifiers, and 0.44 for always saying Adelie",
            at_least=0.95,
        ),
        seconds=50,
    ),
    Example(
        "diabetes",
        "regression with scikit-learn, measured by slices",
        "diabetes",
        Expected("r2", "0.4 to 0.55 for linear models, and little more for any other", at_least=0.35, at_most=0.65),
        seconds=40,
    ),
    Example(
        "sunspots",
        "forecast time series: monthly rows resampled to years, windows, a split by time",
        "sunspots",
        Expected(
            "root_mean_squared_error",
            "15.6 for least squares, 15.4 is what nothing can be better than, 22 for saying that nothing changes",
            at_least=14.4,
            at_most=16.2,
        ),
        seconds=45,
    ),
    Example(
        "docstrings",
        "classify texts: tokens, tf-idf, a linear model",
        "docstrings",
        Expected(
            "sparse_categorical_accuracy",
            "0.84 to 0.89 for scikit-learn's tf-idf with a linear model, and 0.27 for always saying the same",
            at_least=0.8,
        ),
        seconds=60,
    ),
    Example(
        "digits",
        "classify pictures in folders, with a convolutional network of your own",
        "digits",
        Expected("sparse_categorical_accuracy", "0.97 to 0.99 for support vector machines", at_least=0.96),
        seconds=60,
    ),
    Example(
        "wine",
        "a network in PyTorch, measured and served as TensorFlow's are",
        "wine",
        Expected(
            "sparse_categorical_accuracy",
            "leaving out one wine at a time, 0.989 for linear discriminants, 0.961 for the nearest neighbour",
            at_least=0.93,
        ),
        seconds=50,
        extras=("tfx", "torch"),
    ),
    Example(
        "iris",
        "predictions of a deployed model for many rows at once, and how to read them",
        "name-flowers",
        Expected("accuracy", "0.98 for Fisher's linear discriminant", at_least=0.9),
        seconds=75,
        kinds=("training", "batch_inference"),
        commands=(*BEGIN, "zenrepo run name-flowers", "python read_predictions.py"),
        is_printed=True,
    ),
    Example(
        "titanic",
        "rows of a database, by SQL; who is the model right about?",
        "titanic",
        Expected(
            "accuracy",
            "0.77 to 0.82 for good models, and 0.62 for saying that nobody survived",
            at_least=0.75,
            at_most=0.87,
        ),
        seconds=45,
        extras=("tfx", "sql"),
        commands=(*DATA, "zenrepo run titanic"),
    ),
)

EXAMPLES = {example.name: example for example in _ALL}
"""The examples by name, those to begin with first."""


def find(name: str) -> Example:
    """Give an example.

    Raises:
        UnknownName: if there is none of that name, with what is near.
    """
    if name not in EXAMPLES:
        raise UnknownName("example", name, EXAMPLES, f"there are {', '.join(EXAMPLES)}")
    return EXAMPLES[name]


def missing(example: Example) -> list[str]:
    """List the extras of zenrepo that an example needs and that are not installed."""
    return [extra for extra in example.extras if find_spec(MODULES[extra]) is None]
