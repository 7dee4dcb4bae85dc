"""Trainers on rows: what they learn, what they write, and what they refuse."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.steps.training import Columns, arguments, prepare, read, serialize
from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.runs.watching.progress import progress, progress_file
from zenrepo.steps import (
    KerasFeedForwardTrainer,
    KerasTrainer,
    SklearnTrainer,
    StandardPreprocess,
    TorchFeedForwardTrainer,
    TorchTrainer,
    TrainerStep,
)
from zenrepo.steps import progress as notes
from zenrepo.steps.trainer import load_model

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings
COLOURS = ["blue", "green", "red"]


def rows(count: int, seed: int) -> Columns:
    """Make rows with three classes, missing values, lists and texts; the class follows from the numbers."""
    draw = random.Random(seed)
    found: Columns = {name: [] for name in ("colour", "mean size", "hole", "city", "window", "value", "flag", "one")}
    for i in range(count):
        index = i % 3
        found["colour"].append([COLOURS[index]])
        found["mean size"].append([draw.gauss(3 * index, 1)])
        found["hole"].append([draw.gauss(0, 1)] if draw.random() > 0.1 else [])
        found["city"].append([draw.choice(["Rome", "Oslo", COLOURS[index]])] if draw.random() > 0.1 else [])
        found["window"].append([float(index), draw.random(), 1.0])
        found["value"].append([2.0 * index + found["mean size"][-1][0]])
        found["flag"].append([index // 2])
        found["one"].append([1])
    return found


EVALUATION = rows(60, 2)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The rows preprocessed for each label, with the trainers' arguments to be made of them."""
    found = {}
    for label in ("colour", "value", "flag"):
        exclude = sorted({"colour", "value", "flag"} - {label})
        step = StandardPreprocess(label=label, exclude=[*exclude, "one"], features={"count": {"from": "hole"}})
        found[label] = prepare(step, rows(300, 1), EVALUATION, tmp_path_factory.mktemp(label))
    return found


class Linear(KerasTrainer):
    """A linear model of two features."""

    def model_fn(self, features: Any, problem: Any) -> Any:
        """Make it."""
        import keras

        inputs = {name: features.inputs()[name] for name in ("mean size", "window")}
        joined = keras.layers.Concatenate()(list(inputs.values()))
        activation = {"multi-class": "softmax", "binary": "sigmoid"}.get(problem.kind)
        return keras.Model(inputs, keras.layers.Dense(problem.outputs, activation=activation)(joined))


class TorchLinear(TorchTrainer):
    """The same in PyTorch."""

    def model_fn(self, features: Any, problem: Any) -> Any:
        """Make it."""
        import torch

        class Module(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.linear = torch.nn.Linear(4, problem.outputs)

            def forward(self, inputs: Any) -> Any:
                return self.linear(torch.cat([inputs["mean size"], inputs["window"]], dim=1))

        return Module()


TRAINERS: dict[str, Any] = {
    "keras": lambda label: KerasFeedForwardTrainer(label=label, epochs=15, learning_rate=0.01, early_stopping=3),
    "keras model": lambda label: Linear(label=label, epochs=15, learning_rate=0.05),
    "torch": lambda label: TorchFeedForwardTrainer(label=label, epochs=15, learning_rate=0.01, early_stopping=3),
    "torch module": lambda label: TorchLinear(label=label, epochs=15, learning_rate=0.05),
    "forest": lambda label: SklearnTrainer(
        label=label,
        estimator=f"sklearn.ensemble.RandomForest{'Regressor' if label == 'value' else 'Classifier'}",
        params={"n_estimators": 30, "random_state": 0},
    ),
}
BOTH = [(name, label) for name in TRAINERS for label in ("colour", "flag", "value")]


@pytest.mark.parametrize(("name", "label"), BOTH)
def test_what_is_served_is_what_was_trained(name: str, label: str, prepared: dict[str, Path], tmp_path: Path) -> None:
    """A trainer learns; through the saved model, raw examples give what the network gives on transformed ones."""
    if name.startswith("torch"):
        pytest.importorskip("torch")
    import numpy as np

    step = TRAINERS[name](label)
    fn_args = arguments(prepared[label], tmp_path)
    step.run_fn(fn_args)
    results = read(tmp_path / "results" / "Split-eval")
    labels, predictions = (np.array([_first(e, key) for e in results]) for key in (label, "prediction"))
    model = load_model(fn_args.serving_model_dir)
    given = model(serialize(EVALUATION))
    plain = model.predict({key: EVALUATION[key] for key in ("mean size", "hole", "city", "window")})
    written = np.array([_all(e, "prediction" if label == "value" else "scores") for e in results])

    assert len(results) == len(EVALUATION["colour"])
    assert given == pytest.approx(written, abs=1e-5)
    assert plain == pytest.approx(given, abs=1e-6)
    if label == "value":
        assert step.facts["problem"] == "regression"
        assert np.mean((labels - predictions) ** 2) < 0.3 * np.var(labels)
    else:
        assert (labels == predictions).mean() > 0.8


class Listening:
    """Hears, between training and testing, what was said of the training."""

    facts: dict[str, Any]

    def test_fn(self, tests: Any) -> None:
        """Test nothing."""
        heard = progress(Path(tests.graph_folder).parent, "trainer") or {}
        self.facts["heard"] = [heard.get(key) for key in ("done", "total", "unit")]


class ListeningKeras(Listening, KerasFeedForwardTrainer):
    """Listens to Keras."""


class ListeningTorch(Listening, TorchFeedForwardTrainer):
    """Listens to PyTorch."""


class ListeningSklearn(Listening, SklearnTrainer):
    """Listens to scikit-learn."""


BOOSTING = "sklearn.ensemble.GradientBoostingClassifier"


@pytest.mark.parametrize(
    ("kind", "args", "heard"),
    [
        (ListeningKeras, {"epochs": 2}, [2, 2, "epochs"]),
        (ListeningTorch, {"epochs": 2}, [2, 2, "epochs"]),
        (ListeningSklearn, {"estimator": BOOSTING, "params": {"n_estimators": 3}}, [3, 3, "stages"]),
    ],
)
def test_a_training_says_how_far_it_is(
    kind: Any, args: Any, heard: Any, prepared: dict[str, Path], tmp_path: Path
) -> None:
    """By what the library tells of it."""
    if kind is ListeningTorch:
        pytest.importorskip("torch")
    step = kind(label="flag", **args)
    notes.begin(progress_file(prepared["flag"] / "trainer.log"))
    try:
        step.run_fn(arguments(prepared["flag"], tmp_path))
    finally:
        notes.begin("")

    assert step.facts["heard"] == heard


@pytest.mark.parametrize("name", ["keras", "torch"])
def test_plain_features_are_served(name: str, prepared: dict[str, Path], tmp_path: Path) -> None:
    """A SavedModel takes features by name, lists as lists; nan and the empty text are missing values."""
    if name == "torch":
        pytest.importorskip("torch")
    import numpy as np
    import tensorflow as tf

    fn_args = arguments(prepared["colour"], tmp_path)
    TRAINERS[name]("colour").run_fn(fn_args)
    served = tf.saved_model.load(fn_args.serving_model_dir).signatures
    examples = served["serving_default"](examples=tf.constant(serialize(EVALUATION)))["predictions"].numpy()
    plain = {
        "mean_size": tf.constant([v[0] for v in EVALUATION["mean size"]]),
        "hole": tf.constant([v[0] if v else np.nan for v in EVALUATION["hole"]], tf.float32),
        "city": tf.constant([v[0] if v else "" for v in EVALUATION["city"]]),
        "window": tf.constant(EVALUATION["window"]),
    }
    wanted = served["serving_features"].structured_input_signature[1]
    rest = {n: tf.zeros([60, *spec.shape[1:]], spec.dtype) for n, spec in wanted.items() if n not in plain}

    assert served["serving_features"](**plain, **rest)["predictions"].numpy() == pytest.approx(examples, abs=1e-6)


def test_test_results_keep_features_as_they_are_in_the_data(prepared: dict[str, Path], tmp_path: Path) -> None:
    """Beside label, prediction and scores stand the raw features; a text label is its class's index."""
    fn_args = arguments(prepared["colour"], tmp_path)
    SklearnTrainer(label="colour").run_fn(fn_args)
    result = read(tmp_path / "results" / "Split-eval")[1].features.feature

    assert result["mean size"].float_list.value[0] == pytest.approx(EVALUATION["mean size"][1][0])
    assert result["city"].bytes_list.value[0].decode() == EVALUATION["city"][1][0]
    assert result["colour"].int64_list.value[0] in (0, 1, 2)
    assert sum(result["scores"].float_list.value) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["keras", "torch"])
def test_a_killed_training_goes_on(name: str, prepared: dict[str, Path], tmp_path: Path) -> None:
    """The next try begins after the last whole epoch of the one that was killed."""
    kind = TorchFeedForwardTrainer if name == "torch" else KerasFeedForwardTrainer
    if name == "torch":
        pytest.importorskip("torch")

    class Killed(kind):  # type: ignore[misc, valid-type]
        def test_fn(self, tests: Any) -> None:
            raise KeyboardInterrupt

    first, second = arguments(prepared["flag"], tmp_path / "first"), arguments(prepared["flag"], tmp_path / "second")
    second.custom_config["checkpoints"] = first.custom_config["checkpoints"]
    with pytest.raises(KeyboardInterrupt):
        Killed(label="flag", epochs=3, checkpoints=True).run_fn(first)
    step = kind(label="flag", epochs=4, checkpoints=True)
    step.run_fn(second)
    events = [file for file in (tmp_path / "second" / "run").rglob("events*") if file.is_file()]

    assert events
    assert step.facts["epochs"] == 4
    assert not Path(first.serving_model_dir).exists()


def test_a_rare_class_can_count_more(prepared: dict[str, Path], tmp_path: Path) -> None:
    """With a great weight on a class, the model says it more often."""
    found = []
    for weights in (None, {"1": 50.0}):
        step = SklearnTrainer(
            label="flag",
            estimator="sklearn.linear_model.LogisticRegression",
            params={"C": 0.001},
            class_weights=weights,
        )
        fn_args = arguments(prepared["flag"], tmp_path / str(weights))
        step.run_fn(fn_args)
        found.append(
            sum(_first(e, "prediction") for e in read(Path(fn_args.custom_config["test_results"], "Split-eval")))
        )

    assert found[1] > found[0]


def _first(example: Any, name: str) -> float:
    return float(_all(example, name)[0])


def _all(example: Any, name: str) -> list[float]:
    feature = example.features.feature[name]
    return list(feature.int64_list.value) or list(feature.float_list.value)


class Without(KerasTrainer):
    """A model that gives what a test says."""

    made: Any = None

    def model_fn(self, features: Any, problem: Any) -> Any:
        """Make it."""
        return type(self).made(features, problem)


def _keras(outputs: int, value: float = 1.0) -> Any:
    def make(features: Any, problem: Any) -> Any:
        import keras

        inputs = {"window": features.inputs()["window"]}
        return keras.Model(inputs, keras.layers.Dense(outputs)(inputs["window"]) * value)

    return staticmethod(make)


@pytest.mark.parametrize(
    ("trainer", "label", "said"),
    [
        (
            lambda: KerasFeedForwardTrainer(label="valu"),
            "value",
            "there is no label 'valu'",
        ),
        (lambda: _made(_keras(2), "colour"), "colour", "but a multi-class problem of 3 classes needs (None, 3)"),
        (
            lambda: _made(_keras(1, float("nan")), "value"),
            "value",
            "the loss became nan in batch 1 of an epoch\nhint: lower",
        ),
        (
            lambda: _made(staticmethod(lambda *_: "model"), "value"),
            "value",
            "model_fn gave a str, which is no Keras model",
        ),
        (
            lambda: KerasFeedForwardTrainer(label="colour", class_weights={"rad": 2.0}),
            "colour",
            "class_weights names the class 'rad', which the label does not have\nhint: did you mean 'red'?",
        ),
        (
            lambda: KerasFeedForwardTrainer(label="value", class_weights="balanced"),
            "value",
            "there are class_weights, but the label is no class",
        ),
        (
            lambda: SklearnTrainer(label="flag", estimator="sklearn.ensemble.RandomForrestClassifier"),
            "flag",
            "has no estimator 'RandomForrestClassifier'\nhint: did you mean 'RandomForestClassifier'",
        ),
        (
            lambda: SklearnTrainer(label="flag", params={"max_iters": 5}),
            "flag",
            "takes no 'max_iters', which params names\nhint: did you mean 'max_iter'?",
        ),
        (
            lambda: SklearnTrainer(label="flag", estimator="sklearn.forest.Tree"),
            "flag",
            "no module 'sklearn.forest'",
        ),
        (lambda: SklearnTrainer(label="value"), "value", "is a classifier, but the label 'value' is neither"),
        (
            lambda: SklearnTrainer(label="flag", params={"max_iter": -5}),
            "flag",
            "HistGradientBoostingClassifier cannot be fitted: The 'max_iter' parameter",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(
    trainer: Any, label: str, said: str, prepared: dict[str, Path], tmp_path: Path
) -> None:
    """What is wrong and the cure are said, and no model is left behind."""
    fn_args = arguments(prepared[label], tmp_path)

    with pytest.raises(StepFailed) as error:
        trainer().run_fn(fn_args)

    assert said in str(error.value)
    assert not Path(fn_args.serving_model_dir).exists()


def _made(make: Any, label: str) -> TrainerStep:
    found: TrainerStep = type("Given", (Without,), {"made": make})(label=label)
    return found


@pytest.mark.parametrize("name", ["WideAndDeep", "Residual"])
def test_the_trainers_of_the_how_to_train(name: str, prepared: dict[str, Path], tmp_path: Path) -> None:
    """What the page says to write learns as it stands there."""
    if name == "Residual":
        pytest.importorskip("torch")
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "train-your-own-network.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in page.split("```python\n")[1:]]
    [source] = [block for block in blocks if f"class {name}(" in block]
    made: dict[str, Any] = {}
    exec(compile(source, name, "exec"), made)
    step = made[name](label="colour", epochs=15, learning_rate=0.02)
    step.run_fn(arguments(prepared["colour"], tmp_path))
    results = read(tmp_path / "results" / "Split-eval")

    assert sum(_first(e, "colour") == _first(e, "prediction") for e in results) > 0.8 * len(results)


def test_a_missing_library_is_told_with_its_cure(
    prepared: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trainer of a library that is not installed names the extra that brings it."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(StepFailed, match="needs 'torch', which is not installed") as error:
        TorchFeedForwardTrainer(label="flag").run_fn(arguments(prepared["flag"], tmp_path))

    assert error.value.hint == "pip install 'zenrepo[torch]'"


@pytest.mark.parametrize(
    ("train", "evaluation", "said"),
    [
        ({"y": [["a"]] * 8}, None, "the label 'y' is 0 in all training examples"),
        ({"y": [[0.5]] * 8}, None, "the label 'y' is 0.5 in all training examples"),
        ({"y": [["a"], ["b"]] * 4}, {"y": [["a"], ["c"]] * 4}, "is a class that no training example has"),
        ({"y": [[1.0], [float("nan")]] * 4}, None, "the label 'y' is no number in some examples"),
        ({"y": [[1.0, 2.0]] * 8}, None, "the label 'y' is several values"),
    ],
)
def test_a_label_that_teaches_nothing_is_refused(train: Columns, evaluation: Any, said: str, tmp_path: Path) -> None:
    """A constant label, an unknown class, and what is no number fail before the training."""
    other = {"x": [[float(i)] for i in range(8)]}
    step = StandardPreprocess(label="y", features={"x": "none"})
    prepared = prepare(step, {**other, **train}, {**other, **(evaluation or train)}, tmp_path / "prepared")

    with pytest.raises(StepFailed) as error:
        KerasFeedForwardTrainer(label="y").run_fn(arguments(prepared, tmp_path / "run"))

    assert said in str(error.value)


def test_a_class_may_be_missing_in_evaluation(tmp_path: Path) -> None:
    """All classes of the training data keep their score; a batch may be larger than the data."""
    train = {"x": [[float(i % 3)] for i in range(30)], "y": [[i % 3] for i in range(30)]}
    evaluation = {"x": [[0.0], [1.0]], "y": [[0], [1]]}
    prepared = prepare(StandardPreprocess(label="y", features={"x": "none"}), train, evaluation, tmp_path / "prepared")
    step = KerasFeedForwardTrainer(label="y", epochs=1, batch_size=1000)
    step.run_fn(arguments(prepared, tmp_path / "run"))
    results = read(tmp_path / "run" / "results" / "Split-eval")

    assert json.dumps(step.facts)
    assert [len(_all(e, "scores")) for e in results] == [3, 3]
    assert step.facts["problem"] == "multi-class"


@pytest.mark.parametrize(
    "args",
    [
        {"early_stopping": 0},
        {"class_weights": "equal"},
        {"class_weights": {"a": -1}},
        {"checkpoints": "yes"},
        {"dropout": 1.0},
        {"hidden_layers": 5},
        {"hidden_layers": [0]},
        {"epochs": 2.5},
        {"learning_rate": 0},
    ],
)
def test_arguments_that_cannot_be_right_are_refused(args: dict[str, Any]) -> None:
    """The argument is named when the step is made, in Keras as in PyTorch."""
    [name] = args
    for kind in (KerasFeedForwardTrainer, TorchFeedForwardTrainer):
        with pytest.raises(StepArgumentError, match=name):
            kind(**{"label": "y", **args})


def test_an_estimator_is_one_of_scikit_learn() -> None:
    """Another path is refused when the step is made."""
    with pytest.raises(StepArgumentError, match="is no class of scikit-learn"):
        SklearnTrainer(label="y", estimator="os.system")
