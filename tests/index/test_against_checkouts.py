"""Wherever modules go, the index says what a look at the checked out commits says, and what Python imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import restless
from benchmarks.verify import differences


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_index_of_a_history_in_which_everything_moves_is_that_of_its_checkouts(tmp_path: Path, seed: int) -> None:
    """Moves, deletions, symlinks, source roots, files that break, and merges of all that."""
    restless.make(tmp_path / "moving", 40, seed)
    commits, types, both, alone, imported_otherwise = differences(tmp_path / "moving", imports=8)

    assert (alone, imported_otherwise) == (0, 0)
    assert min(commits, types, both) > 4
