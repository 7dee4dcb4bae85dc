"""Pinned steps travel between processes and threads."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from tests.conftest import GitRepository
from zenrepo.sources.load import load

STEP = """\
import importlib.resources
import time
from zenrepo.steps import BaseStep
from lib import helper


class Row:
    def __init__(self, n):
        self.n = n


def twice(n):
    return Row(2 * n * helper.FACTOR)


class Step(BaseStep):
    def __init__(self, *, n=1):
        self.row = twice(n)

    def value(self):
        return self.row.n

    def function(self):
        def inner(n):
            from lib.helper import FACTOR
            from . import beside
            data = importlib.resources.files("lib").joinpath("x.txt").read_text()
            return n * FACTOR, beside.NAME, twice(n).n, data

        return inner
"""


@pytest.fixture
def shas(repository: GitRepository, committed: Callable[..., str]) -> tuple[str, str]:
    """Two versions of a step whose helper changed, neither of them in the working tree."""
    files = {"steps/step.py": STEP, "steps/beside.py": "NAME = 'beside'\n", "lib/x.txt": "data"}
    one, two = (committed({**files, "lib/helper.py": f"FACTOR = {factor}\n"}) for factor in (10, 100))
    repository.commit({"lib/helper.py": "raise RuntimeError('today')\n"})
    return one, two


def elsewhere(code: str, pickled: bytes, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run code on a pickle in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", f"import pickle, sys\nfound = pickle.load(sys.stdin.buffer)\n{code}"],
        input=pickled,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **variables},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
def test_instances_of_two_versions_travel_together(
    repository: GitRepository, shas: tuple[str, str], dumps: Callable[[Any], bytes]
) -> None:
    """A process that runs in the repository makes each class from its commit again."""
    steps = [load(f"steps.step.Step@{sha}", repository.path)(n=3) for sha in shas]
    done = elsewhere("print([step.value() for step in found], found[0].args)", dumps(steps), repository.path)

    assert (done.stdout, done.stderr) == (b"[60, 600] {'n': 3}\n", b"")


def test_a_function_that_travels_by_value_keeps_its_imports(repository: GitRepository, shas: tuple[str, str]) -> None:
    """Where cloudpickle carries an inner function's code, what that imports later is the commit's own."""
    functions = [load(f"steps.step.Step@{sha}", repository.path)().function() for sha in shas]
    done = elsewhere("print([f(2) for f in found])", cloudpickle.dumps(functions), repository.path)

    assert done.stderr == b""
    assert done.stdout == b"[(20, 'beside', 40, 'data'), (200, 'beside', 400, 'data')]\n"


def test_a_process_elsewhere_is_told_where_the_repository_is(
    repository: GitRepository, shas: tuple[str, str], tmp_path: Path
) -> None:
    """Outside the repository the environment names it, and without that the error says so."""
    pickled = pickle.dumps(load(f"steps.step.Step@{shas[0]}", repository.path)())
    told = elsewhere("print(found.value())", pickled, tmp_path, ZENREPO_REPOSITORY=str(repository.path / "lib"))
    lost = elsewhere("", pickled, tmp_path)

    assert told.stdout == b"20\n"
    assert b"no repository is here to take commit" in lost.stderr
    assert b"set ZENREPO_REPOSITORY" in lost.stderr


def test_a_project_in_a_folder_is_found_from_anywhere_in_the_repository(repository: GitRepository) -> None:
    """The pickle knows the project's folder; what the working tree holds does not matter."""
    step = "from zenrepo.steps import BaseStep\nimport helper\nclass Step(BaseStep):\n    n = helper.N\n"
    project = {"teams/ü b/.zenml/config.yaml": "version: 1\n", "teams/ü b/a.py": step, "teams/ü b/helper.py": "N = 7\n"}
    repository.commit({**project, "helper.py": "N = 8\n"})
    pickled = pickle.dumps(load("a.Step@HEAD", repository.path / "teams" / "ü b")())
    repository.git("rm", "--quiet", "-r", "teams")

    assert elsewhere("print(found.n)", pickled, repository.path).stdout == b"7\n"


def test_spawned_workers_unpickle_steps(repository: GitRepository, shas: tuple[str, str]) -> None:
    """A pool of fresh processes works on pinned steps, as Beam's workers do."""
    script = """
import multiprocessing, sys
from zenrepo.sources.load import load

def value(step):
    return step.value(), [name for name in sys.modules if name in ("lib", "steps")]

if __name__ == "__main__":
    steps = [load(f"steps.step.Step@{sha}")(n=n) for sha in sys.argv[1:] for n in (1, 2)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(value, steps))
"""
    file = repository.path.parent / "work.py"
    file.write_text(script)
    done = subprocess.run(
        [sys.executable, str(file), *shas],
        cwd=repository.path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout == "[(20, []), (40, []), (200, []), (400, [])]\n"


def test_threads_load_two_versions_at_once(repository: GitRepository, committed: Callable[..., str]) -> None:
    """Modules that import each other run once a version, and every thread gets the whole class."""
    slow = "import threading, time\ntime.sleep(0.05)\nRAN = [threading.get_ident()]\n"
    files = {
        "steps/step.py": "import lib.one\nfrom zenrepo.steps import *\nclass Step(BaseStep):\n    n = lib.one.N\n",
        "lib/one.py": f"{slow}import lib.two\nN = lib.two.N\n",
        "lib/two.py": "import lib.one\n",
    }
    shas = [committed({**files, "lib/two.py": f"{files['lib/two.py']}{slow}N = {n}\n"}) for n in (1, 2)]
    found: dict[str, list[type]] = {sha: [] for sha in shas}
    start = threading.Barrier(16)

    def work(sha: str) -> None:
        start.wait()
        found[sha].append(load(f"steps.step.Step@{sha}", repository.path))

    threads = [threading.Thread(target=work, args=(shas[number % 2],), daemon=True) for number in range(16)]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + 30
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))

    assert [len(classes) for classes in found.values()] == [8, 8]
    assert [{c.n for c in classes} for classes in found.values()] == [{1}, {2}]  # type: ignore[attr-defined]
    assert [len(set(classes)) for classes in found.values()] == [1, 1]
