"""A pinned step class is loaded exactly as it was, beside every other version of it."""

from __future__ import annotations

import inspect
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import PinError
from zenrepo.sources.load import load
from zenrepo.steps import TrainerStep

STEP = """\
from zenrepo.steps import TrainerStep
from {package}helper import factor


class Step(TrainerStep):
    def __init__(self, *, n=1):
        self.n = n

    def run_fn(self, fn_args):
        return self.n * factor()

    def fail(self):
        raise ValueError("as it was")  # version {version}

    class Inner(TrainerStep):
        def run_fn(self, fn_args):
            return "inner"
"""


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository with two versions of a step: the helper changed in between."""
    repository.write(".zenml/config.yaml", "version: 1\n")
    repository.commit(
        {"steps/step.py": STEP.format(package="lib.", version=1), "lib/helper.py": "def factor():\n    return 10\n"},
        "one",
    )
    repository.commit({"lib/helper.py": "def factor():\n    return 20\n"}, "two")
    return repository


def shas(repository: GitRepository) -> list[str]:
    """Give the commits, oldest first."""
    return repository.git("rev-list", "--reverse", "HEAD").split()


def test_each_version_has_the_helper_that_it_had(project: GitRepository) -> None:
    """Two versions live in one process, each with its own modules, and both are steps."""
    one, two = (load(f"steps.step.Step@{sha}", project.path) for sha in shas(project))

    assert (one(n=2).run_fn(None), two(n=2).run_fn(None)) == (20, 40)
    assert one is not two
    assert issubclass(one, TrainerStep)
    assert one(n=2).args == {"n": 2}
    assert one.step_type() == two.step_type() == "steps.step.Step"


def test_the_working_tree_does_not_matter(project: GitRepository) -> None:
    """A dirty, broken or deleted file changes nothing, and loading touches nothing."""
    project.write("steps/step.py", "broken(")
    project.write("lib/helper.py", None)
    before = project.git("status", "--porcelain")

    assert load(f"steps.step.Step@{shas(project)[0]}", project.path)().run_fn(None) == 10
    assert project.git("status", "--porcelain") == before


def test_the_same_pin_gives_the_same_class(project: GitRepository) -> None:
    """Modules of a version run once, however the commit is named."""
    first = load("steps.step.Step@HEAD~1", project.path)

    assert load(f"steps.step.Step@{shas(project)[0][:8]}", project.path) is first


def test_a_nested_class_is_loaded(project: GitRepository) -> None:
    """The part behind the module may have dots."""
    assert load("steps.step.Step.Inner@HEAD", project.path)().run_fn(None) == "inner"


def test_source_and_tracebacks_show_the_old_lines(project: GitRepository) -> None:
    """``inspect.getsource`` and a traceback print what the commit holds."""
    old = load("steps.step.Step@HEAD~1", project.path)
    project.write("steps/step.py", "# other lines\n" * 30)

    assert inspect.getsource(old).startswith("class Step(TrainerStep):")
    with pytest.raises(ValueError, match="as it was") as caught:
        old().fail()
    assert "# version 1" in "".join(traceback.format_exception(caught.value))


def test_a_step_is_unpickled_in_another_process(project: GitRepository) -> None:
    """A pickle names the pinned class, which the other process makes from git again."""
    step = load("steps.step.Step@HEAD~1", project.path)(n=3)
    script = "import pickle, sys; print(pickle.load(sys.stdin.buffer).run_fn(None))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(step),
        env={**os.environ, "ZENREPO_REPOSITORY": str(project.path)},
        capture_output=True,
        check=True,
    )

    assert done.stdout == b"30\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pkg/a.py": "from . import b\nVALUE = b.VALUE", "pkg/b.py": "VALUE = 7", "pkg/__init__.py": ""}, 7),
        ({"pkg/a.py": "from .b import VALUE", "pkg/b.py": "VALUE = 7"}, 7),
        ({"pkg/a.py": "import pkg.b\nVALUE = pkg.b.VALUE", "pkg/b.py": "VALUE = 7"}, 7),
        ({"pkg/a.py": "import pkg.b as c\nVALUE = c.VALUE", "pkg/b.py": "VALUE = 7"}, 7),
        ({"pkg/a.py": "from pkg.sub.deep import *", "pkg/sub/deep.py": "VALUE = 7"}, 7),
        ({"pkg/a.py": "import json\nVALUE = json.loads('7')", "json/notes.txt": "no module"}, 7),
        ({"pkg/a.py": "import pkg.b\nVALUE = 7", "pkg/b.py": "import pkg.a as a\nX = a.__name__"}, 7),
        (
            {
                "pkg/a.py": "def f():\n    from pkg.b import VALUE\n    return VALUE\nVALUE = f()",
                "pkg/b.py": "VALUE = 7",
            },
            7,
        ),
    ],
)
def test_imports_find_the_modules_of_the_commit(
    repository: GitRepository, files: dict[str, str], expected: int
) -> None:
    """Every form of import inside a pinned module leads to the commit's own modules, or else to the environment."""
    repository.write(".zenml/config.yaml", "version: 1\n")
    step = "\nfrom zenrepo.steps import BaseStep\nclass Step(BaseStep):\n    value = VALUE\n"
    repository.commit({**files, "pkg/a.py": files["pkg/a.py"] + step})
    for name in files:
        repository.write(name, None)

    assert load("pkg.a.Step@HEAD", repository.path).value == expected
    assert not any(name == "pkg" or name.startswith("pkg.") for name in sys.modules)


def test_source_roots_are_those_of_the_commit(repository: GitRepository) -> None:
    """A step under ``src`` is named without it, as its commit's settings say."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\nsource_roots: [src]\n",
            "src/steps/step.py": STEP.format(package="", version=1),
            "src/helper.py": "def factor():\n    return 5\n",
        }
    )

    assert load("steps.step.Step@HEAD", repository.path)().run_fn(None) == 5


def test_many_threads_get_one_class(project: GitRepository) -> None:
    """Loading is thread safe."""
    found: list[type] = []
    threads = [
        threading.Thread(target=lambda: found.append(load("steps.step.Step@HEAD", project.path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        ("steps.step.Step", "names no version"),
        ("steps.step.Step@nowhere", "this clone has no commit 'nowhere'"),
        ("steps.step.Step@" + "0" * 40, "no commit"),
        ("steps.step.Sten@HEAD", "has no class 'Sten'"),
        ("steps.stem.Step@HEAD", "has no step type 'steps.stem.Step'"),
        ("zenrepo.steps.RandomSplit@zenrepo_0.0.1", "ships with another release"),
        ("steps.step.Step@--all", "no commit"),
    ],
)
def test_what_cannot_be_honoured_is_refused(project: GitRepository, pin: str, message: str) -> None:
    """Nothing is ever loaded in the place of what was asked for."""
    with pytest.raises(PinError, match=message) as caught:
        load(pin, project.path)
    assert caught.value.hint


def test_a_missing_object_of_a_shallow_clone_is_named(
    project: GitRepository, tmp_path: Path, make_repository: Callable[[str], GitRepository]
) -> None:
    """A commit beyond the clone's depth says how to fetch it."""
    old = shas(project)[0]
    shallow = make_repository("shallow")
    shallow.git("fetch", "--quiet", "--depth=1", f"file://{project.path}", "main")
    shallow.git("checkout", "--quiet", "FETCH_HEAD")
    shallow.write(".zenml/config.yaml", "version: 1\n")

    assert load("steps.step.Step@HEAD", shallow.path)().run_fn(None) == 20
    with pytest.raises(PinError, match=r"no commit .*(?s:.)*fetch"):
        load(f"steps.step.Step@{old}", shallow.path)
