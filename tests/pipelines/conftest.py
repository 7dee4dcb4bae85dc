"""A real repository to write into, and a way to see an error as the user sees it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from zenrepo.errors import ZenrepoError

Refusal = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a ``.zenml`` folder."""
    folder = (tmp_path / "repository").resolve()
    (folder / ".zenml").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@pytest.fixture
def refusal() -> Refusal:
    """Call a function that must refuse, and return what it says."""

    def call(function: Callable[..., object], *args: object, **kwargs: object) -> str:
        with pytest.raises(ZenrepoError) as caught:
            function(*args, **kwargs)
        assert caught.value.exit_code == 2
        return str(caught.value)

    return call
