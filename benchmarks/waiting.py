"""A long queue: what one more run costs, and a list of the runs; baseline, the same with a short one."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import cpu, git, show, unit, zenrepo
from zenrepo.git.history import resolve
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal

LENGTHS = (50, 10_000)
_ONE_MORE = """\
import sys
from zenrepo.runs.journal import Journal
with Journal(sys.argv[1]) as journal:
    journal.add("tea", sys.argv[2], sys.argv[3], "its file changed")
"""


def main() -> None:
    """Queue ten thousand runs, and print what the next one and a list cost before and after."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "repository")
        folder.mkdir()
        p = unit(Path(scratch))
        git(folder, "init", "--quiet")
        git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--allow-empty", "-m", "tea")
        cpu(zenrepo("init", "--no-hooks"), folder, repeats=1)
        layout = locate(folder)
        head = resolve(folder, "HEAD")
        assert head is not None
        queued = 0
        for length in LENGTHS:
            with Journal(layout.runs_db) as journal:
                while queued < length:
                    journal.add("tea", head, layout.root, "its file changed")
                    queued += 1
            add = [sys.executable, "-c", _ONE_MORE, str(layout.runs_db), head, str(folder)]
            rows.append((length, *(cpu(command, folder) / p for command in (add, zenrepo("runs")))))
    show(
        f"one more run, and the list of runs (in P, the CPU of python -c pass: {p * 1000:.0f} ms)",
        ("queued before", "one more", "zenrepo runs"),
        rows,
    )
