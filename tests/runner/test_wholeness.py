"""Whether what the cache would re-use may be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # TFX's own warnings


@pytest.fixture
def artifact(tmp_path: Path) -> Any:
    """A deployed model, as it was recorded."""
    from tfx.types.standard_artifacts import PushedModel

    from zenrepo.runner.artifacts.wholeness import DESTINATION, PUSHED, seal

    (tmp_path / "artifact").mkdir()
    (tmp_path / "artifact/file").write_text("12345")
    (tmp_path / "serving/7").mkdir(parents=True)
    made = PushedModel()
    made.uri = str(tmp_path / "artifact")
    seal(made)
    made.set_int_custom_property(PUSHED, 1)
    made.set_string_custom_property(DESTINATION, str(tmp_path / "serving/7"))
    return made


def verify(artifact: Any) -> None:
    """Ask as TFX's cache does."""
    from zenrepo.runner.artifacts import wholeness

    wholeness.verify({"pushed_model": [artifact]})


def test_what_is_as_it_was_is_whole(artifact: Any) -> None:
    """Nothing speaks against it."""
    verify(artifact)


def test_a_missing_folder_is_found(artifact: Any) -> None:
    """The artifact store may have been tidied."""
    artifact.uri += "-gone"

    with pytest.raises(RuntimeError, match="is gone"):
        verify(artifact)


def test_a_cut_file_is_found(artifact: Any) -> None:
    """A file that lost bytes is not what was written."""
    Path(artifact.uri, "file").write_text("1")

    with pytest.raises(RuntimeError, match="is not as it was written"):
        verify(artifact)


def test_a_damaged_file_is_found(artifact: Any) -> None:
    """It has as many bytes as before."""
    Path(artifact.uri, "file").write_text("12845")

    with pytest.raises(RuntimeError, match="is not as it was written"):
        verify(artifact)


def test_a_copy_is_whole(artifact: Any) -> None:
    """What was only touched, or copied without its times, holds what was written."""
    os.utime(Path(artifact.uri, "file"), (1, 1))

    verify(artifact)


def test_a_model_that_another_one_followed_is_deployed_again(artifact: Any, tmp_path: Path) -> None:
    """Going back to an earlier model means deploying it, though its deployment is in the cache."""
    (tmp_path / "serving/8").mkdir()

    with pytest.raises(RuntimeError, match="no longer the one that serves"):
        verify(artifact)
