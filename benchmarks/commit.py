"""What the hooks add to ``git commit``: baseline, the same commit without hooks."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from benchmarks.measure import cpu, git, show, unit, zenrepo

STEP = "from zenrepo.steps import TrainerStep\n\n\nclass Step{n}(TrainerStep):\n    value = {value}\n"


def make_repository(folder: Path, files: int) -> None:
    """Make a repository of so many Python files, every fifth with a step in it."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    for n in range(files):
        text = STEP.format(n=n, value=0) if n % 5 == 0 else f"def f{n}(x):\n    return x + {n}\n"
        path = folder / f"package{n % 20}" / f"module{n}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    cpu(zenrepo("init"), folder, repeats=1)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "gc", "--quiet")


def added(folder: Path) -> tuple[float, float]:
    """Measure a commit that changes one step, without and with hooks, in CPU seconds."""
    counter = itertools.count(1)

    def edit() -> None:
        (folder / "package0/module0.py").write_text(STEP.format(n=0, value=next(counter)))

    commit = ["git", "commit", "--quiet", "--all", "--message", "edit"]
    without = cpu(["git", "-c", "core.hooksPath=/dev/null", *commit[1:]], folder, before=edit)
    return without, cpu(commit, folder, before=edit)


def main() -> None:
    """Print what the hooks add, for a small and a large repository."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        p = unit(Path(scratch))
        for files in (10, 2000):
            folder = Path(scratch, str(files))
            make_repository(folder, files)
            without, with_hooks = added(folder)
            rows.append((files, without / p, with_hooks / p, (with_hooks - without) / p, with_hooks / without))
    show(
        f"git commit (in P, the CPU of python -c pass: {p * 1000:.0f} ms)",
        ("files", "without hooks", "with hooks", "added", "ratio"),
        rows,
    )
