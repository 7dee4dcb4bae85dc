"""FolderDeployer: whole versions, ever larger, on any file system."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from zenrepo.errors import StepArgumentError, StepFailed
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


def test_so_many_versions_stay(tmp_path: Path, model: Path) -> None:
    """The oldest go, what is no version stays, and the step says which went."""
    (tmp_path / "serving/notes").mkdir(parents=True)
    deployer = FolderDeployer(path=str(tmp_path / "serving"), keep=2)
    for version in (1, 2, 10):
        deployer.deploy(str(model), version)

    assert sorted(entry.name for entry in (tmp_path / "serving").iterdir()) == ["10", "2", "notes"]
    assert deployer.facts == {"removed": [1]}


@pytest.mark.parametrize("keep", [0, -1, 1.5, "2", True])
def test_keeping_no_version_is_refused(keep: object) -> None:
    """The model that serves always stays."""
    with pytest.raises(StepArgumentError, match="keep is"):
        FolderDeployer(path="serving", keep=keep)  # type: ignore[arg-type]


def test_what_cannot_be_written_is_told(tmp_path: Path, model: Path) -> None:
    """A file where the folder should be fails the step, and leaves nothing half written."""
    (tmp_path / "serving").write_text("in the way")

    with pytest.raises(StepFailed, match="the model cannot be put into"):
        FolderDeployer(path=str(tmp_path / "serving")).deploy(str(model), 1)


def test_a_disk_without_room_leaves_nothing_behind(tmp_path: Path, model: Path) -> None:
    """A copy that breaks off in the middle is taken away, and what served before serves still."""
    deployer = FolderDeployer(path=str(tmp_path / "serving"))
    deployer.deploy(str(model), 1)
    (model / "variables/variables.data").write_bytes(b"x" * 100_000)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, usual[1]))
    try:
        with pytest.raises(StepFailed, match="has room"):
            deployer.deploy(str(model), 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)

    assert [entry.name for entry in (tmp_path / "serving").iterdir()] == ["1"]


def test_a_file_that_is_gone_leaves_nothing_behind(tmp_path: Path, model: Path) -> None:
    """A model that cannot be read whole is not deployed in part."""
    (model / "variables/variables.data").symlink_to(tmp_path / "nowhere")

    with pytest.raises(StepFailed, match="the model cannot be put into"):
        FolderDeployer(path=str(tmp_path / "serving")).deploy(str(model), 1)

    assert list((tmp_path / "serving").iterdir()) == []


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")  # TensorFlow's own
@pytest.mark.parametrize("scheme", ["file", "ram"])
def test_any_file_system_of_tensorflow_takes_models(tmp_path: Path, model: Path, scheme: str) -> None:
    """Whole, in versions, and no more of them than shall stay: where folders are renamed, and where they are not."""
    import tensorflow as tf

    place = f"{scheme}://{tmp_path}/serving"
    deployer = FolderDeployer(path=place, keep=2)
    where = [deployer.deploy(str(model), version) for version in (5, 5, 5)]
    names = sorted(name.rstrip("/") for name in tf.io.gfile.listdir(place))

    assert where == [f"{place}/{version}" for version in (5, 6, 7)]
    assert names == ["6", "7"]
    with tf.io.gfile.GFile(f"{place}/7/variables/variables.index", "rb") as file:
        assert file.read() == b"weights"


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")  # TensorFlow's own
@pytest.mark.parametrize("scheme", ["file", "ram"])
def test_a_copy_that_breaks_off_elsewhere_leaves_nothing_behind(tmp_path: Path, model: Path, scheme: str) -> None:
    """Neither a version nor a part of one is left."""
    import tensorflow as tf

    (model / "variables/variables.data").symlink_to(tmp_path / "nowhere")
    place = f"{scheme}://{tmp_path}/serving"

    with pytest.raises(StepFailed, match="the model cannot be put into"):
        FolderDeployer(path=place).deploy(str(model), 1)

    assert tf.io.gfile.listdir(place) == []


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")  # TensorFlow's own
def test_a_file_system_that_is_not_known_is_told(model: Path) -> None:
    """The error names the destination."""
    with pytest.raises(StepFailed, match="the model cannot be put into 'nosuch://bucket/serving'"):
        FolderDeployer(path="nosuch://bucket/serving").deploy(str(model), 1)
