"""Runs are found by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import UnknownName, UsageError
from zenrepo.runs.journal import Journal
from zenrepo.runs.named import is_named, number_of
from zenrepo.runs.options import Options


@pytest.fixture
def journal(repository: GitRepository) -> Iterator[Journal]:
    """Four runs: one without a name, one of a name, and two that share one."""
    commit = repository.commit({})
    with Journal(Path(repository.path, ".git", "zenml", "runs.db")) as journal:
        for name in ("", "epochs=5", "best", "best"):
            journal.add("p", commit, repository.path, "asked for", options=Options(name=name))
        yield journal


def test_a_name_is_as_good_as_a_number(journal: Journal) -> None:
    """Whether there is a run of the number is asked later."""
    assert number_of(journal, "epochs=5") == 2
    assert number_of(journal, "7") == 7
    assert number_of(journal, "p-3") == 3


def test_a_name_of_none_or_many_is_refused(journal: Journal) -> None:
    """With what is near, or the numbers."""
    with pytest.raises(UnknownName, match=r"unknown run 'epochs=6'\nhint: did you mean 'epochs=5'"):
        number_of(journal, "epochs=6")
    with pytest.raises(UsageError, match=r"2 runs are named 'best': 4, 3\nhint: give a number: 4 is the newest"):
        number_of(journal, "best")
    with pytest.raises(UnknownName):
        number_of(journal, "")


def test_globs_match_names(journal: Journal) -> None:
    """Without one, every run does."""
    assert [run.number for run in journal.runs() if is_named(run, "epochs=*")] == [2]
    assert all(is_named(run, None) for run in journal.runs())
