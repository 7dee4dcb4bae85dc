"""The first index of a long history; baselines, ``git log --raw`` of it and parsing each of its distinct blobs once."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import history
from benchmarks.measure import ENVIRONMENT, cpu, show, zenrepo

_MEASURED = """\
import resource, sys
from zenrepo.cli import main
sys.argv = ["zenrepo", "steps", "--type", "steps.m0.Step0", "--json"]
main()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def parse_all(folder: Path) -> float:
    """Read and parse each distinct Python blob of a history once, and give the CPU seconds of parsing."""
    listed = subprocess.run(
        ["git", "rev-list", "--objects", "--all"], cwd=folder, check=True, capture_output=True
    ).stdout.decode()
    blobs = [line.split(" ")[0] for line in listed.splitlines() if line.endswith(".py")]
    begun = time.process_time()
    for start in range(0, len(blobs), 1000):
        batch = "\n".join(blobs[start : start + 1000]).encode() + b"\n"
        output = subprocess.run(
            ["git", "cat-file", "--batch"], cwd=folder, input=batch, check=True, capture_output=True
        )
        at = 0
        while at < len(output.stdout):
            end = output.stdout.index(b"\n", at)
            size = int(output.stdout[at:end].split(b" ")[2])
            ast.parse(output.stdout[end + 1 : end + 1 + size])
            at = end + 2 + size
    return time.process_time() - begun


def main(commits: int = 10_000) -> None:
    """Print the cost of a first index."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "repository")
        history.make(folder, commits)
        log = cpu(["git", "log", "--raw", "--all"], folder, repeats=3)
        parse = parse_all(folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        index = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        again = cpu(zenrepo("steps", "--type", "steps.m0.Step0"), folder, repeats=5)
    show(
        f"the first index of {commits} commits (CPU seconds)",
        ("git log --raw", "parse each blob", "index", "(index - parse) / log", "peak MB", "the next look-up"),
        [(log, parse, index, (index - parse) / log, int(done.stderr.split()[-1]), again)],
    )
