"""Trains an estimator of scikit-learn.

This module imports scikit-learn and TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError

from zenrepo.errors import StepFailed, did_you_mean
from zenrepo.steps import progress
from zenrepo.steps.trainer.features import BATCH, Features
from zenrepo.steps.trainer.problem import BINARY, REGRESSION, Problem, problem_of
from zenrepo.steps.trainer.results import Tests
from zenrepo.steps.trainer.saved import ESTIMATOR, write_note
from zenrepo.steps.trainer.weights import class_weights

if TYPE_CHECKING:  # the step imports this module
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.sklearn_trainer import SklearnTrainer


def train(step: SklearnTrainer, fn_args: FnArgs) -> None:
    """Train an estimator, test it and save it.

    Args:
        step: the trainer.
        fn_args: TFX's: where the examples are and where the model goes.

    Raises:
        StepFailed: as ``SklearnTrainer.run_fn`` says.
    """
    graph = tft.TFTransformOutput(fn_args.transform_output)
    features = Features(graph, step.label)
    found = problem_of(features, fn_args.train_files, fn_args.eval_files)
    estimator = step.model_fn(features, found)
    problem = _problem(estimator, found, step.label)
    weights = class_weights(step.class_weights, problem)
    values, labels = step.input_fn(fn_args.train_files, features, training=True)
    _fit(estimator, values, labels if problem.classes == 0 else labels.astype(int), weights)
    tests = Tests(
        fn_args,
        features,
        problem,
        graph,
        lambda inputs: given(estimator, _columns(features, inputs, step.one_hot), problem.kind, problem.classes),
    )
    step.test_fn(tests)
    tests.check()
    write_note(fn_args.serving_model_dir, "sklearn", tests, one_hot=step.one_hot)
    joblib.dump(estimator, Path(fn_args.serving_model_dir, ESTIMATOR))
    step.facts.update(problem=problem.kind, columns=values.shape[1], estimator=type(estimator).__name__)
    held_back, wanted = step.input_fn(fn_args.eval_files, features, training=False)
    score = estimator.score(held_back, wanted if problem.classes == 0 else wanted.astype(int))
    step.facts["r2" if problem.kind == REGRESSION else "val_accuracy"] = round(float(score), 6)


def _fit(estimator: Any, values: Any, labels: Any, weights: list[float] | None) -> None:
    more: dict[str, Any] = {} if weights is None else {"sample_weight": np.asarray(weights)[labels]}
    if "monitor" in inspect.signature(estimator.fit).parameters:
        more["monitor"] = _say_stage
    try:
        estimator.fit(values, labels, **more)
    except (TypeError, ValueError, NotFittedError) as error:
        raise StepFailed(
            f"{type(estimator).__name__} cannot be fitted: {str(error).strip().splitlines()[0]}",
            "look at 'params', 'class_weights' and what the preprocess step makes",
        ) from error


def _say_stage(stage: int, estimator: Any, _: dict[str, Any]) -> bool:
    """Say how many stages a gradient boosting has behind it, and let it go on; no other estimator tells."""
    progress.report(stage + 1, estimator.n_estimators, "stages")
    return False


def make(dotted: str, params: dict[str, Any]) -> Any:
    """Make an estimator.

    Args:
        dotted: the path of its class.
        params: its arguments.

    Returns:
        The estimator.

    Raises:
        StepFailed: if there is no such class, or it takes no such arguments.
    """
    module_name, _, name = dotted.rpartition(".")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise StepFailed(f"scikit-learn has no module '{module_name}'", "look at the path of 'estimator'") from error
    classes = [n for n, found in inspect.getmembers(module, inspect.isclass) if issubclass(found, BaseEstimator)]
    if name not in classes:
        hint = did_you_mean(name, classes) or f"there are {', '.join(sorted(classes))}"
        raise StepFailed(f"'{module_name}' has no estimator '{name}'", hint)
    kind = getattr(module, name)
    known = kind._get_param_names()  # noqa: SLF001 - scikit-learn documents it for those who write estimators
    for parameter in params:
        if parameter not in known:
            hint = did_you_mean(parameter, known) or f"it takes {', '.join(known)}"
            raise StepFailed(f"{name} takes no '{parameter}', which params names", hint)
    return kind(**params)


def _problem(estimator: Any, problem: Problem, label: str) -> Problem:
    """Say what is predicted: what the label is, or a value where the estimator is a regressor."""
    if is_regressor(estimator):
        return replace(problem, kind=REGRESSION, classes=0)
    if not is_classifier(estimator):
        raise StepFailed(f"{type(estimator).__name__} is neither a classifier nor a regressor", "choose one of these")
    if problem.kind == REGRESSION:
        raise StepFailed(
            f"{type(estimator).__name__} is a classifier, but the label '{label}' is neither text nor 0 to k-1",
            "take a regressor, or give the label as text",
        )
    return problem


def read(step: SklearnTrainer, files: list[str], features: Features) -> tuple[Any, Any]:
    """Read examples into memory.

    Args:
        step: the trainer.
        files: patterns of gzipped TFRecords of transformed examples.
        features: of the examples.

    Returns:
        A matrix of shape (examples, columns) and labels of shape (examples,).
    """
    rows, labels = [], []
    for inputs, wanted in features.batches(features.dataset(files), BATCH):
        rows.append(_columns(features, inputs, step.one_hot))
        labels.append(wanted.numpy().reshape(-1))
        progress.advance(len(labels[-1]), None, "rows read")
    return np.concatenate(rows), np.concatenate(labels)


def matrix(features: Features, transformed: dict[str, tf.Tensor], *, one_hot: int) -> Any:
    """Put transformed features side by side: numbers, then indices, one-hot where there are few.

    Args:
        features: of the examples.
        transformed: by feature, tensors of shape (batch, …).
        one_hot: of how many indices a feature may be that becomes one column for each.

    Returns:
        A float32 array of shape (batch, columns).
    """
    return _columns(features, features.assemble(transformed), one_hot)


def _columns(features: Features, inputs: dict[str, tf.Tensor], one_hot: int) -> Any:
    columns = [tf.reshape(inputs[name], [-1, features.width(name)]) for name in features.shapes]
    for name, depth in features.depths.items():
        indices = inputs[name]
        spread = tf.one_hot(indices, depth) if depth <= one_hot else tf.cast(indices, tf.float32)
        columns.append(tf.reshape(spread, [tf.shape(indices)[0], -1]))
    return tf.concat(columns, axis=1).numpy()


def given(estimator: Any, values: Any, kind: str, classes: int) -> Any:
    """Give probabilities of all classes, that of class 1 between two, or values.

    Args:
        estimator: fitted.
        values: of shape (examples, columns).
        kind: of the problem.
        classes: how many there are.

    Returns:
        An array of shape (examples, outputs).
    """
    if kind == REGRESSION:
        return np.asarray(estimator.predict(values)).reshape(-1, 1)
    scores = np.zeros((len(values), classes), np.float32)
    if hasattr(estimator, "predict_proba"):
        scores[:, np.asarray(estimator.classes_, int)] = estimator.predict_proba(values)
    else:
        scores[np.arange(len(values)), np.asarray(estimator.predict(values), int)] = 1.0
    return scores[:, 1:] if kind == BINARY else scores
