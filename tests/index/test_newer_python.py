"""What an older Python could not read is read by a newer one, without being asked to."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.git.locate import locate
from zenrepo.index.catch_up import catch_up
from zenrepo.index.store import Index

CATCH_UP = """
from zenrepo.git.locate import locate
from zenrepo.index.catch_up import catch_up
from zenrepo.index.store import Index
layout = locate()
with Index(layout.index_db) as index:
    catch_up(index, layout)
    print(*index.types())
"""
STEP = "from zenrepo.steps import TrainerStep\n{}\nclass {}(TrainerStep): pass\n"
NEWER = {10: "match 1:\n    case 1: pass", 11: "try: pass\nexcept* OSError: pass", 12: "type X = int"}
"""By the minor version that brought it, code that no older Python reads."""


def types(folder: Path) -> list[str]:
    """Catch up and give the step types of all commits."""
    layout = locate(folder)
    with Index(layout.index_db) as index:
        catch_up(index, layout)
        return index.types()


def older_python() -> str:
    """Find an interpreter that is older than this one by a piece of syntax."""
    root = Path(os.environ.get("PYENV_ROOT", Path(pwd.getpwuid(os.getuid()).pw_dir, ".pyenv")))  # HOME is a test's own
    for minor in range(10, min(sys.version_info.minor, max(NEWER))):
        for python in (f"/usr/bin/python3.{minor}", *map(str, root.glob(f"versions/3.{minor}.*/bin/python"))):
            if Path(python).exists():
                return python
    pytest.skip("no older Python is here")


def types_by(python: str, folder: Path) -> list[str]:
    """Ask another interpreter, which borrows the libraries of this one."""
    places = [str(Path(__file__).parents[2]), sysconfig.get_path("purelib")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    done = subprocess.run(
        [python, "-c", CATCH_UP], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_steps_in_newer_syntax_appear_under_a_newer_python(repository: GitRepository) -> None:
    """The commits that hold them are read again at the next look-up; an older Python then sees what the newer saw."""
    older = older_python()
    (repository.path / ".zenml").mkdir()
    syntax = NEWER[min(sys.version_info.minor, max(NEWER))]
    repository.commit({"a.py": STEP.format("", "A"), "broken.py": "class ("}, "first")
    repository.commit({"b.py": STEP.format(syntax, "B")}, "second")
    repository.commit({"c.py": "from b import B\nclass C(B): pass\n"}, "third")

    assert types_by(older, repository.path) == ["a.A"]
    assert types(repository.path) == ["a.A", "b.B", "c.C"]
    assert types_by(older, repository.path) == ["a.A", "b.B", "c.C"]


def test_what_this_python_cannot_read_is_not_read_at_every_look_up(repository: GitRepository) -> None:
    """A file that is no Python at all makes the index anew once for each newer Python, and then no more."""
    (repository.path / ".zenml").mkdir()
    repository.commit({"a.py": STEP.format("", "A"), "broken.py": "class ("}, "first")
    types(repository.path)
    layout = locate(repository.path)
    with Index(layout.index_db) as index:
        again = catch_up(index, layout)

    assert not again.new
