"""Inside a pinned module every name of a module means what it meant at its commit."""

from __future__ import annotations

import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import PinError
from zenrepo.sources.load import load
from zenrepo.steps import BaseStep, TrainerStep

STEP = "from zenrepo.steps import BaseStep\nclass Step(BaseStep):\n    value = VALUE\n"


@pytest.fixture
def value(repository: GitRepository, committed: Callable[..., str]) -> Callable[..., object]:
    """Commit modules, of which one computes ``VALUE``, and give what a step in it has."""

    def of(files: dict[str, str | bytes], at: str = "pkg/a.py") -> object:
        text = files[at]
        assert isinstance(text, str)
        sha = committed({**files, at: textwrap.dedent(text) + "\n" + STEP})
        module = at.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return load(f"{module}.Step@{sha}", repository.path).value

    return of


@pytest.fixture
def today(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import modules from the working tree, as a user does there."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(repository.path)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if not name.startswith("zenrepo"):
            del sys.modules[name]


@pytest.mark.parametrize(
    "statement",
    [
        "import importlib\nVALUE = importlib.import_module('pkg.b').VALUE",
        "from importlib import import_module\nVALUE = import_module('pkg.b').VALUE",
        "from importlib import import_module as get\nVALUE = get('.b', package='pkg').VALUE",
        "from importlib import import_module as get\nVALUE = get('.b', __package__).VALUE",
        "VALUE = __import__('pkg.b').b.VALUE",
        "VALUE = __import__('pkg.b', fromlist=['VALUE']).VALUE",
        "exec('from pkg.b import VALUE')",
        "import pkgutil\nVALUE = pkgutil.resolve_name('pkg.b:VALUE')",
        "import importlib.util\nVALUE = 7 if importlib.util.find_spec('pkg.b') else 0",
        "import importlib.util as u\nVALUE = 0 if u.find_spec('pkg.c') else 7",
        "import importlib, sys\nVALUE = importlib.reload(__import__('pkg.b').b).VALUE",
        "import pkgutil, pkg\nVALUE = 7 if [m.name for m in pkgutil.iter_modules(pkg.__path__)] == ['a', 'b'] else 0",
        "try:\n    import pkg.gone\nexcept ImportError:\n    VALUE = 7",
        "try:\n    from pkg import gone\nexcept ImportError as error:\n    VALUE = 7 if 'gone' in str(error) else 0",
        "try:\n    import pkg.c\nexcept ModuleNotFoundError as error:\n    VALUE = 7 if error.name == 'pkg.c' else 0",
        "import sys\nif sys.version_info >= (3, 10):\n    from pkg.b import VALUE\nelse:\n    from pkg.c import VALUE",
        "import pkg.b, os.path, importlib.abc\nVALUE = pkg.b.VALUE if os.path and importlib.abc.Loader else 0",
    ],
)
def test_a_module_that_is_named_is_the_commits_own(value: Callable[..., object], statement: str) -> None:
    """A name in a string means the same module as a name in an import statement does."""
    assert value({"pkg/a.py": statement, "pkg/b.py": "VALUE = 7\n", "pkg/__init__.py": ""}) == 7
    assert "pkg" not in sys.modules


def test_star_imports_respect_all(value: Callable[..., object]) -> None:
    """``__all__`` names what a star import binds, submodules included."""
    files = {
        "pkg/a.py": "from lib import *\nVALUE = (b.VALUE, _hidden, 'open' in vars(), 'left' in vars())",
        "lib/__init__.py": "__all__ = ['b', '_hidden']\n_hidden = 1\nleft = 2\n",
        "lib/b.py": "VALUE = 7\n",
    }

    assert value(files) == (7, 1, False, False)


def test_circular_imports_work(value: Callable[..., object]) -> None:
    """Two modules that import each other load as they do in a working tree."""
    files = {
        "pkg/a.py": "import pkg.b\ndef own():\n    return 3\nVALUE = pkg.b.twice()",
        "pkg/b.py": "import pkg.a as a\nfrom pkg import a as b\ndef twice():\n    return 2 * a.own() + (a is b)\n",
    }

    assert value(files) == 7


def test_the_code_of_a_package_runs_once_a_version(repository: GitRepository, committed: Callable[..., str]) -> None:
    """What an ``__init__`` does happens once in each version, however often and by whatever module it is imported."""
    init = "import sys\nsys.ran_at = [*getattr(sys, 'ran_at', []), '{}']\n"
    step = "import pkg\nfrom pkg import b\nfrom zenrepo.steps import BaseStep\nclass Step(BaseStep):\n    pass\n"
    shas = [
        committed({"pkg/__init__.py": init.format(name), "pkg/a.py": step, "pkg/b.py": "import pkg.a\n"})
        for name in ("one", "two")
    ]
    for sha in (*shas, *shas):
        load(f"pkg.a.Step@{sha}", repository.path)

    assert vars(sys).pop("ran_at") == ["one", "two"]


@pytest.mark.parametrize("dots", ["from ... import errors", "from .. import other", "from ..other import VALUE"])
def test_dots_do_not_lead_out_of_the_top_package(value: Callable[..., object], dots: str) -> None:
    """A relative import that Python refused at the time is refused."""
    with pytest.raises(PinError, match="beyond top-level package"):
        value({"pkg/a.py": f"{dots}\nVALUE = 7", "other.py": "VALUE = 8\n"})


def test_todays_module_is_not_taken_for_one_that_the_commit_lacks(
    repository: GitRepository, committed: Callable[..., str], today: Callable[[str], ModuleType]
) -> None:
    """What only the working tree has is missing, even where Python would find it and where it was imported before."""
    sha = committed({"a.py": "import helper_of_today\n" + STEP})
    repository.write("helper_of_today.py", "VALUE = 7\n")

    assert today("helper_of_today").VALUE == 7
    with pytest.raises(PinError, match="No module named 'helper_of_today'") as caught:
        load(f"a.Step@{sha}", repository.path)
    assert "helper_of_today.py' is not taken" in caught.value.message


def test_installed_modules_win_over_a_folder_that_has_no_init(value: Callable[..., object]) -> None:
    """A folder such as ``yaml/`` does not hide an installed package of its name; a module of the commit does."""
    files = {
        "a.py": "import yaml, json, colorsys\nVALUE = (yaml.safe_load('7'), json.loads('8'), colorsys.mine)",
        "yaml/notes.py": "",
        "json/notes.py": "",
        "colorsys.py": "mine = 9\n",
    }

    assert value(files, at="a.py") == (7, 8, 9)


def test_today_and_two_versions_live_in_one_process(
    repository: GitRepository, committed: Callable[..., str], today: Callable[[str], ModuleType]
) -> None:
    """A class imported from the working tree and two pinned ones are three classes, and all are steps."""
    text = "from zenrepo.steps import *\nfrom helper_lib import N\nclass Step(TrainerStep):\n    run_fn, n = print, N\n"
    one = committed({"model_of_team.py": text, "helper_lib.py": "N = 1\n"}, keep=True)
    two = committed({"helper_lib.py": "N = 2\n"}, keep=True)
    repository.write("helper_lib.py", "N = 3\n")
    classes = [load(f"model_of_team.Step@{sha}", repository.path) for sha in (one, two)]
    classes.append(today("model_of_team").Step)

    assert [found.n for found in classes] == [1, 2, 3]
    assert all(isinstance(found(), TrainerStep) for found in classes)
    assert len(set(classes)) == 3


def test_a_base_class_of_the_repository_is_the_one_of_the_commit(
    repository: GitRepository, committed: Callable[..., str]
) -> None:
    """Inheritance, ``super()`` and mixins work across pinned modules."""
    files = {
        "lib/base.py": """\
            from zenrepo.steps import BaseStep
            class Base(BaseStep):
                def __init__(self, *, n=1, **params):
                    super().__init__(**params)
                    self.n = n
                def value(self):
                    return self.n
            """,
        "steps/own.py": """\
            from lib.base import Base
            class Mixin:
                def value(self):
                    return super().value() + 1
            class Step(Mixin, Base):
                def value(self):
                    return super().value() * 10
            """,
    }
    step = load(f"steps.own.Step@{committed(files)}", repository.path)(n=2)

    assert step.value() == 30
    assert isinstance(step, BaseStep)
    assert step.step_type() == "steps.own.Step"


def test_a_deleted_or_renamed_class_is_loaded(repository: GitRepository, committed: Callable[..., str]) -> None:
    """Only the commit counts: the class, its file and its folder may be gone since."""
    sha = committed({"old/place.py": "VALUE = 7\n" + STEP}, keep=True)
    repository.git("mv", "old/place.py", "new.py")
    repository.commit({"new.py": "VALUE = 8\n" + STEP.replace("Step(", "Renamed(")})

    assert load(f"old.place.Step@{sha}", repository.path).value == 7
    assert load("new.Renamed@HEAD", repository.path).value == 8


@pytest.mark.parametrize(
    "text",
    [
        "# -*- coding: latin-1 -*-\nVALUE = 'é'\n".encode("latin-1"),
        b"\xef\xbb\xbf" + "VALUE = 'é'\n".encode(),
        "VALUE = 'é'\r\n\r\n".encode(),
        "# coding: cp1252\r\nVALUE = 'é'\r\n".encode("cp1252"),
    ],
)
def test_any_encoding_and_line_end_is_read_as_python_reads_it(
    repository: GitRepository, committed: Callable[..., str], text: bytes
) -> None:
    """A coding line, a byte order mark and CRLF mean what they mean in a file."""
    step = load(f"a.Step@{committed({'a.py': text + STEP.encode()})}", repository.path)

    assert step.value == "é"
    assert inspect.getsource(step).startswith("class Step(BaseStep):")


def test_types_are_found_in_the_modules_of_the_commit(value: Callable[..., object]) -> None:
    """Dataclasses and ``typing.get_type_hints`` look a class's module up, and find the pinned one."""
    code = """\
        from __future__ import annotations
        import typing
        from dataclasses import KW_ONLY, InitVar, dataclass
        from enum import Enum
        from pkg.b import Size

        class Colour(Enum):
            RED = 1

        class Row(typing.NamedTuple):
            size: Size

        @dataclass(frozen=True)
        class Box:
            size: Size = Size(2)
            kinds: typing.ClassVar[list[Size]] = []

        @dataclass(frozen=True)
        class Tall(Box):
            _: KW_ONLY
            start: InitVar[int]

        hints, row = typing.get_type_hints(Box), typing.get_type_hints(Row)
        VALUE = hints["size"] is Size, Tall(start=1).size.n, row["size"] is Size
    """

    sizes = "import dataclasses\n@dataclasses.dataclass\nclass Size:\n    n: int\n    __hash__ = object.__hash__\n"
    assert value({"pkg/a.py": code, "pkg/b.py": sizes}) == (True, 2, True)


def test_the_main_block_does_not_run(value: Callable[..., object]) -> None:
    """A module is imported, not started; its name ends as it did."""
    code = "VALUE = __name__.endswith('.pkg.a')\nif __name__ == '__main__':\n    raise SystemExit(1)\n"

    assert value({"pkg/a.py": code}) is True


def test_file_names_the_commit_and_is_no_file(repository: GitRepository, committed: Callable[..., str]) -> None:
    """``__file__`` says where code is from; to read beside it fails and names what was asked for."""
    sha = committed(
        {
            "a.py": f"""\
            from pathlib import Path
            VALUE = __file__
            {STEP.splitlines()[0]}
            class Step(BaseStep):
                value = VALUE
                def read(self):
                    return (Path(__file__).parent / "x.json").read_text()
            """
        }
    )
    step = load(f"a.Step@{sha}", repository.path)

    assert step.value == f"zenrepo:{sha[:12]}/a.py"
    with pytest.raises(FileNotFoundError, match=f"zenrepo:{sha[:12]}/x.json"):
        step().read()


def test_two_projects_of_one_commit_keep_apart(repository: GitRepository) -> None:
    """Projects in folders of one repository have modules of the same name, and each gets its own."""
    files = {f"{n}/.zenml/config.yaml": "version: 1\n" for n in ("one", "zwei ü")}
    sha = repository.commit({**files, **{f"{n}/a.py": f"VALUE = '{n}'\n{STEP}" for n in ("one", "zwei ü")}})
    found = [load(f"a.Step@{sha}", repository.path / name) for name in ("one", "zwei ü")]

    assert [step.value for step in found] == ["one", "zwei ü"]
    assert {step.step_type() for step in found} == {"a.Step"}
    assert all(issubclass(step, BaseStep) for step in found)
