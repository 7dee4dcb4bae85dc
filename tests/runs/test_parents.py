"""The warm parents that cannot be started."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from zenrepo.runs.processes.forked import Forked
from zenrepo.runs.processes.parents import LIGHT, Parents


def ask(parents: Parents, folder: Path) -> None:
    """Ask for a process."""
    forked = Forked(parents.addresses[LIGHT].socket, "conduct", {}, str(folder), {})
    try:
        _ = forked.pid
    finally:
        forked.close()


def test_who_asks_a_parent_that_cannot_be_started_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """There is no room for its log, say; whoever asks later, when there is, finds the door open."""
    logs = tmp_path / "logs"
    with Parents(logs) as parents:
        for _ in range(2):
            with pytest.raises(EOFError):
                ask(parents, tmp_path)
        said = capfd.readouterr().err
        logs.mkdir()
        while not (logs / "warm-light.log").exists():  # it may still be hanging up on those who asked before
            with suppress(EOFError):  # where TFX is not installed, the parent begins, and ends at once
                ask(parents, tmp_path)

    assert "could not be started: [Errno 2] No such file or directory" in said
