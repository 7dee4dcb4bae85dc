"""Look-ups among many versions, in P, the CPU of ``python -c pass``; baseline, the same with a thousand.

The history is a real one: every commit changes a helper that a hundred steps import, so that it brings a hundred
versions, and ten of the commits change the step that is asked about.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, cpu, git, show, unit, zenrepo

STEPS, ASKED_FOR = 100, 10
STEP = "from zenrepo.steps import TrainerStep\nfrom lib.helper import VALUE\n\n\nclass Step(TrainerStep):\n    pass\n"
ASKED = "from zenrepo.steps import TrainerStep\n\n\nclass Asked(TrainerStep):\n    value = {}\n"


def make(folder: Path, commits: int) -> None:
    """Make a repository of so many commits, a hundred step versions in each."""
    git(folder.parent, "init", "--quiet", "--initial-branch", "main", str(folder))
    stream = "".join(_stream(commits)).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, env=ENVIRONMENT, input=stream, check=True)
    git(folder, "reset", "--quiet", "--hard", "main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")


def _stream(commits: int) -> Iterator[str]:
    files = {f"steps/s{n}.py": STEP for n in range(STEPS)} | {".zenml/config.yaml": "version: 1\n"}
    for number in range(1, commits + 1):
        files["lib/helper.py"] = f"VALUE = {number}\n"
        if number % (commits // ASKED_FOR) == 0:
            files["steps/asked.py"] = ASKED.format(number)
        who = f"committer Ada <ada@example.org> {1_600_000_000 + number} +0000"
        yield f"commit refs/heads/main\n{who}\ndata 6\nchange\n"
        yield from (f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items())
        files = {}


def main() -> None:
    """Print the cost of each look-up."""
    rows = []
    lookup = zenrepo("steps", "--type", "steps.asked.Asked")
    with tempfile.TemporaryDirectory() as scratch:
        p = unit(Path(scratch))
        rows.append(("zenrepo --version", cpu(zenrepo("--version"), Path(scratch)) / p))
        for versions in (1_000, 100_000):
            folder = Path(scratch, str(versions))
            make(folder, versions // STEPS)
            cpu(lookup, folder, repeats=1)
            rows.append((f"zenrepo steps --type, {versions} versions", cpu(lookup, folder) / p))

        def commit() -> None:
            git(folder, "commit", "--quiet", "--allow-empty", "--message", "one more")

        def edit() -> None:
            with (folder / "steps/asked.py").open("a") as file:
                file.write("    more = 1\n")
            git(folder, "commit", "--quiet", "--all", "--message", "one more version")

        rows.append(("the same after one new commit", cpu(lookup, folder, before=commit) / p))
        rows.append(("the same after one new version", cpu(lookup, folder, before=edit) / p))
    show(f"look-ups (in P: {p * 1000:.0f} ms)", ("command", "P"), rows)
