"""BatchInferrer, on a model that is made in a moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.steps.toy_model import save_model, write_examples
from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps import BatchInferrer

heavy = pytest.mark.heavy
pytestmark = [pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of a feature ``x``."""
    return save_model(tmp_path_factory.mktemp("model"), 1.0)


@pytest.fixture
def examples(tmp_path: Path) -> Callable[..., Any]:
    """Make arrays of serialized examples."""

    def make(**columns: Any) -> Any:
        import tensorflow as tf

        files = write_examples(tmp_path / "examples.gz", columns)
        return next(tf.data.TFRecordDataset(files, "GZIP").batch(1000).as_numpy_iterator())

    return make


@heavy
def test_predictions_stand_alone_by_default(model: str, examples: Callable[..., Any]) -> None:
    """One row for each example, and no label is asked for."""
    found = BatchInferrer().load(model)(examples(x=[0.0, 100.0, -100.0]))

    assert found.schema.names == ["predictions"]
    assert found.column(0).to_pylist() == pytest.approx([0.5, 1.0, 0.0])


@heavy
@pytest.mark.parametrize(("keep", "names"), [(["name"], ["name"]), ("all", ["name", "x"])])
def test_features_are_kept_beside_them(model: str, examples: Callable[..., Any], keep: Any, names: list[str]) -> None:
    """A missing value stays one."""
    found = BatchInferrer(keep=keep).load(model)(examples(x=[0.0, 100.0], name=["a", None]))

    assert found.schema.names == [*names, "predictions"]
    assert found.column(0).to_pylist() == [[b"a"], None]


@heavy
def test_a_feature_to_keep_that_is_not_there_is_refused_with_what_is_near(
    model: str, examples: Callable[..., Any]
) -> None:
    """The hint has the one that was meant."""
    with pytest.raises(StepFailed, match="no feature 'nane'") as raised:
        BatchInferrer(keep=["nane"]).load(model)(examples(x=[0.0], name=["a"]))

    assert raised.value.hint == "did you mean 'name'?"


@heavy
def test_a_feature_that_has_the_name_of_an_output_is_refused(model: str, examples: Callable[..., Any]) -> None:
    """Neither is overwritten by the other."""
    with pytest.raises(StepFailed, match="'predictions', which is to be kept, has the name of an output"):
        BatchInferrer(keep="all").load(model)(examples(x=[0.0], predictions=[1.0]))


@heavy
def test_several_classes_make_a_column_of_lists(tmp_path: Path, examples: Callable[..., Any]) -> None:
    """One value a class in each row."""
    model = save_model(tmp_path / "model", 9.0, classes=3)
    found = BatchInferrer().load(model)(examples(x=[0.0, 2.0]))

    assert [row.index(max(row)) for row in found.column(0).to_pylist()] == [0, 2]
    assert [len(row) for row in found.column(0).to_pylist()] == [3, 3]


@heavy
def test_a_model_that_is_broken_is_told(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "saved_model.pb").write_bytes(b"no model")

    with pytest.raises(StepFailed, match=f"the model in '{tmp_path}' cannot be loaded"):
        BatchInferrer().load(str(tmp_path))


@heavy
def test_a_folder_that_holds_no_known_model_is_told(tmp_path: Path) -> None:
    """The error says what is there."""
    (tmp_path / "weights.bin").touch()

    with pytest.raises(StepFailed, match=r"it has none of saved_model.pb, zenrepo_model.json, only weights.bin"):
        BatchInferrer().load(str(tmp_path))


@pytest.mark.parametrize("arguments", [{"keep": "some"}, {"keep": [1]}, {"batch_size": 0}, {"batch_size": "1"}])
def test_an_argument_that_cannot_be_right_is_refused(arguments: dict[str, Any]) -> None:
    """The error names it."""
    with pytest.raises(StepArgumentError, match=next(iter(arguments))):
        BatchInferrer(**arguments)
