"""Step classes are found by reading a tree, never by running it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache

import pytest

from tests.conftest import GitRepository
from zenrepo.sources.discover import Tree
from zenrepo.sources.facts import pack, unpack
from zenrepo.sources.load import load
from zenrepo.sources.modules import modules_of
from zenrepo.sources.read import read_module


def tree_of(files: Mapping[str, str], source_roots: tuple[str, ...] = (".",)) -> Tree:
    """Make a tree whose blob ids are the paths."""
    facts = lru_cache(None)(lambda blob: read_module(files[blob].encode()))
    return Tree(modules_of({path: path for path in files}, source_roots), facts)


def kinds(files: Mapping[str, str], source_roots: tuple[str, ...] = (".",)) -> dict[str, str]:
    """Give the kind of each step type of a tree."""
    return {name: version.kind for name, version in tree_of(files, source_roots).steps().items()}


STEP = "from zenrepo.steps import TrainerStep\nclass A(TrainerStep):\n    pass\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from zenrepo.steps import TrainerStep\nclass A(TrainerStep): pass", {"m.A": "trainer"}),
        ("from zenrepo.steps import TrainerStep as T\nclass A(T): pass", {"m.A": "trainer"}),
        ("import zenrepo.steps\nclass A(zenrepo.steps.SplitStep): pass", {"m.A": "split"}),
        ("import zenrepo.steps as s\nclass A(s.DataStep): pass", {"m.A": "data"}),
        ("from zenrepo import steps\nclass A(steps.EvaluatorStep): pass", {"m.A": "evaluator"}),
        ("from zenrepo.steps import *\nclass A(DeployerStep): pass", {"m.A": "deployer"}),
        ("from zenrepo.steps.base import BaseStep\nclass A(BaseStep): pass", {"m.A": "custom"}),
        ("from zenrepo.steps import RandomSplit\nclass A(RandomSplit): pass", {"m.A": "split"}),
        ("from zenrepo.steps import DataStep\nBase = DataStep\nclass A(Base): pass", {"m.A": "data"}),
        ("from zenrepo.steps import DataStep\nclass A(Mixin, DataStep[int]): pass", {"m.A": "data"}),
        (
            "from zenrepo.steps import DataStep\nclass A:\n    class B(DataStep): pass\n    class C(B): pass",
            {"m.A.B": "data", "m.A.C": "data"},
        ),
        (
            "try:\n    from zenrepo.steps import DataStep\nexcept ImportError:\n    DataStep = object\n"
            "if DataStep:\n    class A(DataStep): pass\nelse:\n    class B(DataStep): pass",
            {"m.A": "data", "m.B": "data"},
        ),
        ("from zenrepo.steps import DataStep\nA: type = DataStep\nclass B(A): pass", {"m.B": "data"}),
        ("from zenrepo.steps import DataStep\nA, B = int, DataStep\nclass C(B): pass", {"m.C": "data"}),
        ("from zenrepo.steps import DataStep\nA = X if X else DataStep\nclass B(A): pass", {"m.B": "data"}),
        ("from zenrepo.steps import DataStep\nA = X or DataStep\nclass B(A): pass", {"m.B": "data"}),
        (
            "from zenrepo.steps import DataStep\nif X:\n    class A(DataStep): pass\nelse:\n    class A: pass",
            {"m.A": "data"},
        ),
        ("from zenrepo.steps import DataStep as A\nB = A\nclass A(B): pass", {"m.A": "data"}),
        ("from zenrepo.steps import DataStep as A\nclass B(A): pass\nclass A: pass", {"m.B": "data"}),
        (
            "from zenrepo.steps import DataStep\nclass P:\n    class I(DataStep): pass\nclass Q(P): pass\n"
            "class A(Q.I): pass",
            {"m.P.I": "data", "m.A": "data"},
        ),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from zenrepo.steps import DataStep as A", {}),
        (
            "import typing as t\nfrom zenrepo.steps import DataStep\nif t.TYPE_CHECKING:\n    class A(DataStep): pass",
            {},
        ),
        ("from zenrepo.steps import DataStep as A\nclass A: pass\nclass B(A): pass", {}),
        ("def f():\n    from zenrepo.steps import DataStep\n    class A(DataStep): pass", {}),
        ("from other import TrainerStep\nclass A(TrainerStep): pass", {}),
        ("class A(A): pass", {}),
        ("class TrainerStep: pass\nclass A(TrainerStep): pass", {}),
        ("from zenrepo.errors import ZenrepoError\nclass A(ZenrepoError): pass", {}),
    ],
)
def test_a_class_is_a_step_when_a_base_resolves_to_an_interface(source: str, expected: dict[str, str]) -> None:
    """Whatever way the interface was imported, the class is found; nothing else is."""
    assert kinds({"m.py": source}) == expected


def test_bases_are_followed_through_files() -> None:
    """A base in another file, re-exported, relative or in a circle, is found."""
    files = {
        "base.py": STEP,
        "pkg/__init__.py": "from .deep.inner import B as Renamed\n",
        "pkg/deep/inner.py": "from ...base import A\nfrom base import A as Absolute\nclass B(Absolute): pass\n",
        "user.py": "import pkg\nclass C(pkg.Renamed): pass\n",
        "star.py": "from user import *\nclass D(C): pass\n",
        "round.py": "from trip import X\nclass X(X): pass\n",
        "trip.py": "from round import X\n",
    }

    assert kinds(files) == {
        "base.A": "trainer",
        "pkg.deep.inner.B": "trainer",
        "user.C": "trainer",
        "star.D": "trainer",
    }


def test_modules_are_named_from_the_deepest_source_root() -> None:
    """A file under ``src`` is named without it, one beside it from the project's folder."""
    assert kinds({"src/steps/a.py": STEP, "b.py": STEP}, (".", "src")) == {"steps.a.A": "trainer", "b.A": "trainer"}


@pytest.mark.parametrize("roots", [["src", "lib"], ["lib", "src"], ["lib", "src", "."], [".", "lib", "src"]])
@pytest.mark.parametrize("files", [{"util.py"}, {"util/__init__.py"}, {"util.py", "util/__init__.py"}])
def test_of_two_modules_with_one_name_that_counts_which_python_imports(
    roots: list[str], files: set[str], repository: GitRepository
) -> None:
    """That of the first source root; a pin takes the same."""
    written = {f"{root}/{file}": f"WHERE = '{root}'\n" for root in ("lib", "src") for file in files}
    settings = f"version: 1\nsource_roots: {json.dumps(roots)}\n"
    step = "from zenrepo.steps import TrainerStep\nfrom util import WHERE\nclass A(TrainerStep):\n    where = WHERE\n"
    sha = repository.commit({**written, "src/a.py": step, ".zenml/config.yaml": settings})
    found = modules_of({path: path for path in written}, roots)["util"]
    paths = [str(repository.path / root) for root in roots]
    code = f"import sys; sys.path[:0] = {paths}; import util; print(util.WHERE, end='')"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found.path.startswith(f"{imported}/")
    assert found.package == ("util/__init__.py" in files)
    assert load(f"a.A@{sha}", repository.path).where == imported


def test_what_cannot_be_imported_has_no_step_types() -> None:
    """Odd file names, and zenrepo's own package, are left out."""
    assert kinds({"my-step.py": STEP, "2nd/a.py": STEP, "zenrepo/mine.py": STEP, "a.txt": STEP}) == {}


@pytest.mark.parametrize("source", ["print 'two'", "<<<<<<< HEAD\n", "{% if x %}", "x = (", "\0", "cost = $5"])
def test_a_file_that_is_no_python_is_passed_over(source: str) -> None:
    """Its neighbours are found, and the reason is kept."""
    tree = tree_of({"broken.py": source, "whole.py": STEP})

    assert list(tree.steps()) == ["whole.A"]
    assert tree.facts("broken").error


def test_the_closure_holds_all_that_an_import_runs() -> None:
    """Imports in functions and conditions, parent packages and submodules belong to it; the rest does not."""
    files = {
        "steps/__init__.py": "",
        "steps/a.py": STEP + "def f():\n    import lib.x\n",
        "lib/__init__.py": "from . import y\n",
        "lib/x.py": "import numpy\n",
        "lib/y.py": "from .x import *\n",
        "lib/z.py": "",
        "alone.py": "",
    }

    assert tree_of(files).closure("steps.a") == {"steps", "steps.a", "lib", "lib.x", "lib.y"}


def test_a_module_that_is_named_in_text_belongs_to_the_closure() -> None:
    """``import_module`` and ``__import__`` with a literal name import it; what it holds may be a base."""
    files = {
        "pkg/__init__.py": "import importlib\nx = importlib.import_module('.x', __package__)\nclass A(x.A): pass\n",
        "pkg/x.py": "y = __import__('y')\nclass A(y.A): pass\n",
        "y.py": STEP
        + "def f(name):\n    from importlib import import_module\n    import_module('z')\n    import_module(name)\n",
        "z.py": "",
    }

    assert tree_of(files).closure("pkg") == {"pkg", "pkg.x", "y", "z"}
    assert kinds(files) == {"pkg.A": "trainer", "pkg.x.A": "trainer", "y.A": "trainer"}


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module(name='other.x')",
        "import importlib\nimportlib.import_module(name='.x', package='other')",
        "import importlib\nimportlib.import_module('..x', 'other.deep')",
        "from importlib import import_module as get\nget('other.x')",
        "import importlib\nget = importlib.import_module\nget('other.x')",
        "import importlib\nTABLE = {'x': 'other.x'}\ndef f(key): return importlib.import_module(TABLE[key])",
        "__import__('other', fromlist=['x'])",
        "__import__('other', None, None, ('x',), 0)",
        "import pkgutil\npkgutil.resolve_name('other.x:VALUE')",
    ],
)
def test_text_that_a_module_may_be_imported_by_belongs_to_the_closure(source: str) -> None:
    """Whatever the function is called there, and wherever the text comes from."""
    files = {"a.py": source + "\n" + STEP, "other/__init__.py": "", "other/x.py": "", "alone.py": ""}

    assert tree_of(files).closure("a") == {"a", "other", "other.x"}


def test_modules_that_a_package_imports_when_they_are_asked_for_belong_to_the_closure() -> None:
    """Its ``__getattr__`` puts a dot before the name."""
    lazy = (
        "from importlib import import_module\n_WHERE = {'Net': 'net'}\n"
        "def __getattr__(name): return getattr(import_module(f'.{_WHERE[name]}', __name__), name)\n"
    )
    files = {"a.py": "from models import Net\n" + STEP, "models/__init__.py": lazy, "models/net.py": "class Net: pass"}

    assert tree_of(files).closure("a") == {"a", "models", "models.net"}


def test_text_in_a_module_that_imports_nothing_by_name_is_text() -> None:
    """A column that is called as a module is does not tie a step to it."""
    assert tree_of({"a.py": STEP + "LABEL = 'price'\n", "price.py": ""}).closure("a") == {"a"}


@pytest.mark.parametrize(
    "name", ["'a b'", "'a,b'", "'a\\0b'", "''", "'.'", "'a', package='b\\0'", "'.a', 'b\\0c'", "'..', 'x'"]
)
def test_text_that_names_no_module_is_passed_over(name: str) -> None:
    """Whatever is in it, the facts of the module can be kept."""
    facts = read_module(f"import importlib\nimportlib.import_module({name})\n".encode())

    assert unpack(pack(facts)) == facts


def test_a_module_has_a_name_from_each_source_root_around_it() -> None:
    """Imports find it by both; its types have that from the deepest."""
    files = {
        "src/a.py": "from src.base import Base\nimport src.tools as tools\nclass A(Base): pass\n",
        "src/base.py": STEP.replace("A(", "Base("),
        "src/tools.py": "",
    }
    tree = tree_of(files, (".", "src"))

    assert list(tree.steps()) == ["a.A", "base.Base"]
    assert tree.steps()["a.A"].closure == (
        ("a", "src/a.py"),
        ("src.base", "src/base.py"),
        ("src.tools", "src/tools.py"),
    )


def test_what_only_a_type_checker_imports_is_no_part_of_the_closure() -> None:
    """It never runs; what stands under ``else`` does."""
    files = {
        "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\nelse:\n    import c\n" + STEP,
        "b.py": "",
        "c.py": "",
    }

    assert tree_of(files).closure("a") == {"a", "c"}


def test_the_last_star_import_counts() -> None:
    """As at run time, a later one hides the names of an earlier one, and zenrepo's hides only what it has."""
    files = {
        "a.py": STEP,
        "b.py": "class A: pass\n",
        "one.py": "from b import *\nfrom a import *\nfrom zenrepo.steps import *\nclass X(A): pass\n",
        "two.py": "from a import *\nfrom b import *\nclass X(A): pass\n",
    }

    assert kinds(files) == {"a.A": "trainer", "one.X": "trainer"}


def test_the_arguments_of_a_step_are_read() -> None:
    """Own arguments come first, those of a base behind ``**``; a default makes one optional."""
    files = {
        "a.py": "from zenrepo.steps import DataStep\n"
        "class A(DataStep):\n    def __init__(self, *, path, sep=','): pass\n"
        "class B(A):\n    def __init__(self, *, rows: int, **kw): super().__init__(**kw)\n"
        "class C(A): pass\n"
    }
    tree = tree_of(files)
    a, b, c = (tree.step_facts(tree.steps()[f"a.{name}"]) for name in "ABC")

    assert (a.parameters, a.required, a.open) == (("path", "sep"), ("path",), False)
    assert (b.parameters, b.required, b.open) == (("rows", "path", "sep"), ("rows", "path"), False)
    assert (c.parameters, c.required) == (("path", "sep"), ("path",))


def test_star_imports_in_a_circle_end() -> None:
    """A base that is nowhere is looked for once in each module, however the modules import each other."""
    names = [f"m{number}" for number in range(12)]
    files = {
        f"pkg/{name}.py": "from pkg import *\nclass E(Exception): pass\n" + STEP.replace("class A", f"class {name}")
        for name in names
    }
    files["pkg/__init__.py"] = "".join(f"from .{name} import *\n" for name in names)

    assert set(kinds(files)) == {f"pkg.{name}.{name}" for name in names}
