"""Package data is read from the commit that the module is from."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import PinError
from zenrepo.sources.load import load

DATA: dict[str, str | bytes] = {
    "pkg/__init__.py": "",
    "pkg/x.json": "[7]",
    "pkg/names.txt": "é\nü\n",
    "pkg/data/raw.bin": b"\0\xff",
    "pkg/data/deep/a b.csv": "1,2\n",
    "bare/y.json": "{}",
}


@pytest.fixture
def read(repository: GitRepository, committed: Callable[..., str]) -> Callable[[str], object]:
    """Commit data beside a step, change it since, and give what a function of the step returns."""

    def run(body: str) -> object:
        code = "from zenrepo.steps import BaseStep\nclass Step(BaseStep):\n    def read(self):\n"
        sha = committed({**DATA, "pkg/step.py": code + textwrap.indent(body, " " * 8)})
        repository.commit({"pkg/x.json": "[8]", "pkg/__init__.py": "", "pkg/names.txt": "later"})
        return load(f"pkg.step.Step@{sha}", repository.path)().read()

    return run


@pytest.mark.parametrize(
    "body",
    [
        "from importlib.resources import files\nreturn files('pkg').joinpath('x.json').read_text()",
        "from importlib.resources import files\nreturn files(__package__).joinpath('x.json').read_text('utf-8')",
        "import importlib.resources as r\nreturn (r.files('pkg') / 'x.json').read_bytes().decode()",
        "import importlib.resources\nreturn importlib.resources.files('pkg').joinpath('data/../x.json').read_text()",
        "import pkg\nfrom importlib import resources\nreturn resources.files(pkg).joinpath('x.json').open().read()",
        "import pkgutil\nreturn pkgutil.get_data('pkg', 'x.json').decode()",
        "import pkgutil\nreturn pkgutil.get_data(__package__, 'x.json').decode()",
        "import pkgutil\nreturn pkgutil.get_data(__name__, 'x.json').decode()",
        "import importlib.resources as r\nwith r.as_file(r.files('pkg') / 'x.json') as p:\n    return p.read_text()",
        "from pkg import step\nreturn step.__loader__.get_data(step.__file__.replace('step.py', 'x.json')).decode()",
    ],
)
def test_data_is_that_of_the_commit(read: Callable[[str], object], body: str) -> None:
    """Every standard way to package data leads to the commit, by name and by module."""
    assert read(body) == "[7]"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 made the argument optional")
def test_files_without_an_argument_means_the_module_that_asks(read: Callable[[str], object]) -> None:
    """``files()`` leads to the folder of the pinned module that calls it."""
    assert read("import importlib.resources as r\nreturn r.files().joinpath('x.json').read_text()") == "[7]"


def test_binary_files_and_folders_are_read(read: Callable[[str], object]) -> None:
    """Folders are walked, files are opened as bytes or text, and what is not there says so."""
    body = """\
        from importlib.resources import files
        root = files("pkg")
        deep = root.joinpath("data", "deep")
        with root.joinpath("data/raw.bin").open("rb") as stream:
            raw = stream.read()
        with root.joinpath("names.txt").open(encoding="utf-8") as stream:
            lines = [line.strip() for line in stream]
        kinds = sorted((entry.name, entry.is_dir(), entry.is_file()) for entry in root.iterdir())
        return raw, lines, [entry.read_text() for entry in deep.iterdir()], kinds
    """

    raw, lines, deep, kinds = read(textwrap.dedent(body))  # type: ignore[misc]
    assert (raw, lines, deep) == (b"\0\xff", ["é", "ü"], ["1,2\n"])
    assert kinds == [
        ("__init__.py", False, True),
        ("data", True, False),
        ("names.txt", False, True),
        ("step.py", False, True),
        ("x.json", False, True),
    ]


def test_the_older_functions_read_the_commit_too(read: Callable[[str], object]) -> None:
    """``open_text``, ``read_binary`` and their siblings are there where the Python has them."""
    body = """\
        import importlib.resources as r, warnings
        warnings.simplefilter("ignore")
        with r.open_binary("pkg", "x.json") as stream, r.open_text("pkg", "names.txt") as names:
            first = stream.read(), names.readline()
        with r.path("pkg", "x.json") as path:
            return *first, path.read_text(), r.is_resource("pkg", "x.json"), r.is_resource("pkg", "data")
    """

    assert read(textwrap.dedent(body)) == (b"[7]", "é\n", "[7]", True, False)


def test_a_folder_without_modules_has_data(read: Callable[[str], object]) -> None:
    """Data may lie in a folder of its own, in a package or at the top."""
    body = """\
        from importlib.resources import files
        return files("pkg.data.deep").joinpath("a b.csv").read_text() + files("bare").joinpath("y.json").read_text()
    """

    assert read(textwrap.dedent(body)) == "1,2\n{}"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("files('pkg').joinpath('gone').read_text()", FileNotFoundError),
        ("files('pkg').joinpath('data').read_bytes()", IsADirectoryError),
        ("files('pkg').joinpath('x.json').iterdir()", NotADirectoryError),
        ("files('pkg').joinpath('../../../etc/passwd').read_text()", FileNotFoundError),
        ("files('pkg').joinpath('x.json').open('w')", ValueError),
    ],
)
def test_what_is_not_there_is_an_error_that_names_it(
    read: Callable[[str], object], body: str, error: type[Exception]
) -> None:
    """Errors are those of files, and name the commit; nothing leads out of it."""
    with pytest.raises(error, match=r"zenrepo:[0-9a-f]{12}/pkg"):
        read(f"from importlib.resources import files\n{body}")


def test_links_are_followed_inside_the_tree(repository: GitRepository, committed: Callable[..., str]) -> None:
    """A symlink to a module, a folder or data of the same tree means what it leads to; one that leaves is not there."""
    links = {"lib/alias.py": "../real/code.py", "lib/folder": "../real", "lib/out.py": "../../../../etc/hosts"}
    (repository.path / "lib").mkdir()
    for name, target in links.items():
        (repository.path / name).symlink_to(target)
    code = """\
        import pkgutil
        from zenrepo.steps import BaseStep
        from lib.alias import VALUE
        from lib.folder.code import VALUE as same
        class Step(BaseStep):
            value = VALUE, same, pkgutil.get_data("lib.folder", "x.txt")
    """
    repository.git("add", "lib")
    sha = committed(
        {
            "a.py": code,
            "real/code.py": "VALUE = 7\n",
            "real/__init__.py": "",
            "real/x.txt": "8",
            "b.py": "import lib.out\n",
        }
    )

    assert load(f"a.Step@{sha}", repository.path).value == (7, 7, b"8")
    with pytest.raises(PinError, match=r"No module named 'lib\.out'"):
        load(f"b.Step@{sha}", repository.path)
