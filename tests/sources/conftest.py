"""A zenrepo repository whose modules exist in commits alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from tests.conftest import GitRepository

Committed = Callable[..., str]


@pytest.fixture
def committed(repository: GitRepository) -> Committed:
    """Commit modules and take them out of the working tree again; give the commit."""

    def commit(files: dict[str, str | bytes], *, keep: bool = False) -> str:
        repository.write(".zenml/config.yaml", "version: 1\n")
        plain = {n: textwrap.dedent(text) if isinstance(text, str) else text for n, text in files.items()}
        sha = repository.commit({".zenml/config.yaml": "version: 1\n", **plain})
        for name in () if keep else files:
            repository.write(name, None)
        return sha

    return commit
