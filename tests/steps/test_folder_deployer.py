"""FolderDeployer: whole versions, ever larger."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.errors import StepFailed
from zenrepo.steps import FolderDeployer


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that stands for a SavedModel."""
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables/variables.index").write_bytes(b"weights")
    return folder


def test_a_model_is_put_as_tensorflow_serving_wants_it(tmp_path: Path, model: Path) -> None:
    """The model's files stand in a folder that is named by the version, and nothing else is left there."""
    where = FolderDeployer(path=str(tmp_path / "serving")).deploy(str(model), 7)

    assert where == str(tmp_path / "serving/7")
    assert Path(where, "variables/variables.index").read_bytes() == b"weights"
    assert [entry.name for entry in (tmp_path / "serving").iterdir()] == ["7"]


def test_a_version_is_larger_than_those_before(tmp_path: Path, model: Path) -> None:
    """A clock that went back makes no version that TensorFlow Serving would pass over."""
    deployer = FolderDeployer(path=str(tmp_path / "serving"))
    deployer.deploy(str(model), 100)

    assert deployer.deploy(str(model), 7) == str(tmp_path / "serving/101")


def test_a_relative_path_is_in_the_current_folder_outside_a_run(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The destination is reported whole."""
    monkeypatch.chdir(tmp_path)

    assert FolderDeployer(path="serving/m").deploy(str(model), 1) == str(tmp_path / "serving/m/1")


def test_what_cannot_be_written_is_told(tmp_path: Path, model: Path) -> None:
    """A file where the folder should be fails the step, and leaves nothing half written."""
    (tmp_path / "serving").write_text("in the way")

    with pytest.raises(StepFailed, match="the model cannot be put into"):
        FolderDeployer(path=str(tmp_path / "serving")).deploy(str(model), 1)
