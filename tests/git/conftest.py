"""A repository as zenrepo sees it, and an interpreter that tells what hooks asked of it."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.lookup import versions
from zenrepo.git.locate import layout_at, locate, worktree
from zenrepo.layout import Layout
from zenrepo.sources.load import load


@dataclass(frozen=True)
class RecordingPython:
    """Stands in for the interpreter that hooks start: notes each call, then fails.

    Args:
        path: the program.
        log: where it notes its calls.
    """

    path: Path
    log: Path

    def calls(self) -> list[str]:
        """Return ``name argument …`` of each call."""
        return [entry.splitlines()[0] for entry in self._entries()]

    def inputs(self) -> list[str]:
        """Return what each call could read."""
        return [entry.partition("\n")[2] for entry in self._entries()]

    def _entries(self) -> list[str]:
        return self.log.read_text().split("--\n")[:-1] if self.log.exists() else []


@pytest.fixture
def python(tmp_path: Path) -> RecordingPython:
    """Make an interpreter that notes its calls."""
    folder = tmp_path / "an environment" / "bin"
    folder.mkdir(parents=True)
    log = folder / "log"
    program = folder / "python"
    program.write_text(
        "#!/bin/sh\n"
        "shift 4\n"  # -I -S -c, and what is said there
        '[ -z "$ZENREPO_HOOK_PROOF" ] || { printf %s "$1" >"$ZENREPO_HOOK_PROOF"; exit; }\n'
        f"{{ echo \"$*\"; cat; echo '--'; }} >>{shlex.quote(str(log))}\n"
        "exit 3\n"
    )
    program.chmod(0o755)
    return RecordingPython(program, log)


@pytest.fixture
def layout_of() -> Callable[[Path], Layout]:
    """Describe the repository whose working tree starts at a folder."""

    def describe(root: Path) -> Layout:
        return layout_at(root, *worktree(root))

    return describe


@pytest.fixture
def add_hook() -> Callable[[Path, str], Path]:
    """Write somebody's hook, executable."""

    def add(path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    return add


@pytest.fixture
def hooks(repository) -> Path:
    """Return the clone's own hooks folder, without git's samples."""
    folder = repository.path / ".git" / "hooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


STEP = "from zenrepo.steps import TrainerStep\nfrom lib.helper import N\nclass Step(TrainerStep):\n    n = N\n"
"""A step with a helper, ``steps.step.Step``."""


def project_of(repository: GitRepository, prefix: str = "") -> tuple[str, str]:
    """Commit two versions of `STEP` whose helper says 1 and 2; give the commits."""
    config = f"version: 1  # {str(repository.path)!a}, so that no other test makes the same commits\n"
    files: dict[str, str | bytes | None] = {".zenml/config.yaml": config, "steps/step.py": STEP}
    one = repository.commit({prefix + n: t for n, t in {**files, "lib/helper.py": "N = 1\n"}.items()}, "one")
    return one, repository.commit({f"{prefix}lib/helper.py": "N = 2\n"}, "two")


def answers(folder: Path) -> list[tuple[str, str, bool, int]]:
    """Ask the repository around a folder for everything that a look-up and a pin can say.

    Returns:
        For each version, newest first: type, subject of its commit, whether HEAD holds it, and what its class has.
    """
    found = versions(locate(folder))
    return [
        (v.row.type, v.row.subject, v.current, load(f"{v.row.type}@{v.row.commit}", folder).n)  # type: ignore[attr-defined]
        for v in found
    ]


BOTH = [("steps.step.Step", "two", True, 2), ("steps.step.Step", "one", False, 1)]
"""What `answers` gives for the project of `project_of`."""
