"""Histories of any length by ``git fast-import``: 50 files of 195 lines, one changed in each commit, with merges."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, git

FILES, LINES, STEPS, MERGE_EVERY = 50, 195, 10, 40


def text(number: int, value: int) -> str:
    """Write a module: every fifth defines a step and imports two helpers; the last line is what changes."""
    if number % 5 == 0:
        head = [
            "from zenrepo.steps import TrainerStep",
            f"from lib.m{number + 1} import f0 as one",
            f"from lib.m{number + 2} import f0 as two",
            "",
            f"class Step{number}(TrainerStep):",
            "    def run_fn(self, fn_args):",
            "        return one(1) + two(2)",
        ]
    else:
        head = [f"VALUE = {value}"]
    functions = range((LINES - len(head) - 1) // 3)
    body = [line for n in functions for line in (f"def f{n}(x):", f"    return x * {n} + {number}", "")]
    return "\n".join([*head, *body, f"LAST = {value}"]) + "\n"


def path(number: int) -> str:
    """Name the file of a module."""
    return f"steps/m{number}.py" if number % 5 == 0 else f"lib/m{number}.py"


def make(folder: Path, commits: int, seed: int = 1) -> None:
    """Make a repository with so many commits on its branch and merges into it.

    Args:
        folder: must not exist.
        commits: how many.
        seed: another one gives another history.
    """
    import_stream(folder, _stream(commits, random.Random(seed)))


def import_stream(folder: Path, stream: Iterable[str]) -> None:
    """Make a repository of a stream as ``git fast-import`` takes it, and check its branch ``main`` out."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    command = ["git", "fast-import", "--quiet"]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, input="".join(stream).encode(), check=True)
    git(folder, "reset", "--quiet", "--hard", "main")


def _stream(commits: int, chance: random.Random) -> Iterator[str]:
    first = {path(n): text(n, 0) for n in range(FILES)} | {".zenml/config.yaml": "version: 1\n"}
    yield _commit("main", 1, first, mark=1)
    for number in range(2, commits + 1):
        n = chance.randrange(FILES)
        change = {path(n): text(n, number)}
        if number % MERGE_EVERY == MERGE_EVERY - 1:
            yield _commit("side", number, change, mark=number, parent=number - 1)
        elif number % MERGE_EVERY == 0:
            yield _commit("main", number, change, mark=number, parent=number - 2, merge=number - 1)
        else:
            yield _commit("main", number, change, mark=number, parent=number - 1)


def _commit(
    branch: str, number: int, files: dict[str, str], *, mark: int, parent: int | None = None, merge: int | None = None
) -> str:
    message = f"change {number}"
    parts = [
        f"commit refs/heads/{branch}\nmark :{mark}\ncommitter Ada <ada@example.org> {1_600_000_000 + number} +0000\n"
    ]
    parts.append(f"data {len(message)}\n{message}\n")
    if parent:
        parts.append(f"from :{parent}\n")
    if merge:
        parts.append(f"merge :{merge}\n")
    parts += [f"M 100644 inline {name}\ndata {len(content)}\n{content}\n" for name, content in files.items()]
    return "".join([*parts, "\n"])
