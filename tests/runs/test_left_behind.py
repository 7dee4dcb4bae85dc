"""What a process that was killed leaves behind is found by the next, and what one writes for months stays short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.runs.processes import lease
from zenrepo.runs.processes.parents import Parents
from zenrepo.runs.processes.short_log import shorten
from zenrepo.runs.processes.sockets import LOCK

WORKER = """
import sys, time
from pathlib import Path
from zenrepo.runs.processes.forked import warm_up
from zenrepo.runs.processes.parents import LIGHT, Parents

parents = Parents(Path(sys.argv[1]))
warm_up(parents.addresses[LIGHT].socket)
while LIGHT not in parents.pids():
    time.sleep(0.01)
print(parents.folder, parents.pids()[LIGHT], flush=True)
time.sleep(600)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder for those of sockets."""
    with tempfile.TemporaryDirectory(prefix="t") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        yield Path(short)


def test_a_killed_worker_leaves_no_parent_and_the_next_removes_its_folder(place: Path, tmp_path: Path) -> None:
    """The parent notices; the folder goes when the next worker begins."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    folder, pid = worker.stdout.readline().split()
    parent = lease.process(int(pid))
    was_alive = parent.lives
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    for _ in range(600):
        if not parent.lives:
            break
        time.sleep(0.1)
    was_left = Path(folder).exists()

    with Parents(tmp_path):
        assert was_alive
        assert not parent.lives
        assert was_left
        assert not Path(folder).exists()


def test_the_folder_of_one_that_lives_stays(place: Path, tmp_path: Path) -> None:
    """And one that nobody has locked so far, which is being made."""
    being_made = place / "zenrepo-new"
    being_made.mkdir()
    with Parents(tmp_path) as first, Parents(tmp_path) as second:
        assert sorted(map(str, place.iterdir())) == sorted([first.folder, second.folder, str(being_made)])

    assert list(place.iterdir()) == [being_made]


def test_nothing_is_removed_through_a_link(place: Path, tmp_path: Path) -> None:
    """Whatever its name is."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (place / "zenrepo-link").symlink_to(precious)
    with Parents(tmp_path):
        pass

    assert (precious / LOCK).exists()


@given(lines=st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=40))
def test_a_long_log_keeps_its_last_lines_whole(lines: list[bytes]) -> None:
    """And a short one all; whoever writes to it goes on at its end."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "worker.log")
        whole = b"".join(line + b"\n" for line in lines)
        with log.open("ab", buffering=0) as worker:
            worker.write(whole)
            shorten(log, 200)
            worker.write(b"more\n")
        found = log.read_bytes()

    if len(whole) <= 200:
        assert found == whole + b"more\n"
    else:
        note, _, kept = found.partition(b"\n")
        assert note == b"... %d bytes are left out here ..." % (len(whole) - len(kept) + len(b"more\n"))
        assert (b"\n" + whole).endswith(b"\n" + kept.removesuffix(b"more\n"))
        assert len(kept) <= 100 + len(b"more\n")


def test_a_log_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Nor is that an error."""
    shorten(tmp_path / "worker.log")

    assert list(tmp_path.iterdir()) == []
