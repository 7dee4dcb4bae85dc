"""CPU seconds of whole commands, and the unit that they are told in."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def cpu(command: Sequence[str], folder: Path, repeats: int = 9, before: Callable[[], object] = lambda: None) -> float:
    """Measure a command.

    Args:
        command: what to run.
        folder: where.
        repeats: how often; the median counts.
        before: called ahead of each run, unmeasured.

    Returns:
        User and system CPU seconds of the command and all its children that it waited for.
    """
    return statistics.median(_once(command, folder, before) for _ in range(repeats))


def _once(command: Sequence[str], folder: Path, before: Callable[[], object]) -> float:
    before()
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


def unit(folder: Path) -> float:
    """Measure P, the CPU seconds of ``python -c pass`` in this environment."""
    return cpu([sys.executable, "-c", "pass"], folder, repeats=21)


def git(folder: Path, *arguments: str) -> None:
    """Run git, unmeasured."""
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)


def zenrepo(*arguments: str) -> list[str]:
    """Name the command line of this environment."""
    return [str(Path(sys.executable).with_name("zenrepo")), *arguments]


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table."""
    print(f"\n## {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(f'{cell:.2f}' if isinstance(cell, float) else str(cell) for cell in row)} |")
