"""The log of a step that prints much."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zenrepo.runner.performing.step_log import StepLog

NOTE = re.compile(r"\n… ([\d,]+) bytes are left out here …\n\n".encode())


def parted(log: bytes) -> tuple[bytes, int, bytes]:
    """Part a log into its beginning, how many bytes are left out, and its end."""
    if not NOTE.search(log):
        return log, 0, b""
    head, count, tail = NOTE.split(log)
    return head, int(count.replace(b",", b"")), tail


FLOOD = """
import os, subprocess, sys
from zenrepo.runner.performing.step_log import divert

end = divert(sys.argv[1])
print("the first line", flush=True)
if os.fork() == 0:
    for number in range(100):
        os.write(2, b"%09d\\n" % number * 100_000)
    os._exit(0)
os.wait()
subprocess.run([sys.executable, "-c", "print('the last line')"])
end()
print("not in the log", flush=True)
"""


def test_a_flood_fills_no_disk(tmp_path: Path) -> None:
    """Of 100 MB that a forked process prints, the beginning and the end stay, and how much does not is said."""
    log = tmp_path / "step.log"
    subprocess.run([sys.executable, "-c", FLOOD, str(log)], check=True, timeout=120)
    text = log.read_text(encoding="utf-8")

    assert log.stat().st_size < 11 << 20
    assert text.startswith("the first line\n000000000\n")
    assert text.endswith("000000099\nthe last line\n")
    head, left_out, tail = parted(log.read_bytes())
    assert len(head) + left_out + len(tail) == 100_000_000 + len("the first line\nthe last line\n")
    assert [path.name for path in tmp_path.iterdir()] == ["step.log"]


DAEMON = """
import subprocess, sys
from zenrepo.runner.performing.step_log import divert

end = divert(sys.argv[1])
daemon = subprocess.Popen(["sleep", "600"], start_new_session=True)
print("x" * 5_000_000, flush=True)
end()
daemon.kill()
"""


def test_a_process_that_stays_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A step that leaves one behind ends, and all that it printed is written."""
    log = tmp_path / "step.log"
    subprocess.run([sys.executable, "-c", DAEMON, str(log)], check=True, timeout=300)
    while log.stat().st_size < 5_000_001:
        pass

    assert log.stat().st_size == 5_000_001


LINGER = """
import os, sys, time
from zenrepo.runner.performing.step_log import divert

divert(sys.argv[1])
os.write(1, b"so long")
os._exit(7)
"""


def test_who_leaves_without_a_word_has_a_log(tmp_path: Path) -> None:
    """What was printed before is written, though nobody waits for it."""
    log = tmp_path / "step.log"
    done = subprocess.run([sys.executable, "-c", LINGER, str(log)], check=False, timeout=60)
    while not log.read_text():
        pass

    assert done.returncode == 7
    assert log.read_text() == "so long"


@given(lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=200))
@settings(deadline=None)
def test_a_log_keeps_its_ends_and_counts_the_rest(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Whatever is printed: nothing is lost of a short log, and a long one adds up."""
    path = tmp_path_factory.mktemp("log") / "x.log"
    log = StepLog(path, head=100, tail=300, longest_line=50)
    printed = b"".join(line + b"\n" for line in lines)
    for line in lines:
        log.write(line + b"\n")
    log.close()
    kept = path.read_bytes()

    head, left_out, tail = parted(kept)
    assert printed.startswith(head)
    assert printed.endswith(tail)
    assert len(head) + left_out + len(tail) == len(printed)
    assert left_out == 0 or len(printed) > 100 + 300
    assert len(kept) <= 100 + 300 + 100


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a disk that is always full")
def test_a_full_disk_stops_nobody() -> None:
    """What cannot be written is left out."""
    log = StepLog("/dev/full")

    log.write(b"x\n")
    log.close()

    assert Path("/dev/full").exists()
