"""A pin that cannot be honoured is an error that names the cause and the way out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import NotARepository, PinError
from zenrepo.sources.load import load

STEP = "from zenrepo.steps import BaseStep\nclass Step(BaseStep):\n    pass\n"


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        ({"a.py": "print 'two'\n"}, r"'a' at \w+ cannot be run by this Python, 3\.\d+.*a\.py, line 1", "use a Python"),
        ({"a.py": "import b\n", "b.py": "x = (\n"}, r"cannot be run by this Python, .*b\.py, line 1", "use a Python"),
        ({"a.py": "import no_such_package\n"}, "this environment lacks: No module named 'no_such_package'", "install"),
        ({"a.py": "from json import no_such\n"}, "this environment lacks: cannot import name 'no_such'", "install"),
        ({"a.py": "import lib.b\n", "lib/c.py": ""}, r"its commit lacks: No module named 'lib\.b'", "take a commit"),
        ({"a.py": "from b import X\n", "b.py": ""}, r"its commit lacks: cannot import name 'X' from 'b'", "take a"),
        ({"a.py": "from .. import b\n", "b.py": ""}, "its commit lacks: attempted relative import beyond", "take a"),
        (
            {"a.py": "open(__file__ + 'x')\n"},
            "failed when it was run: FileNotFoundError",
            "through importlib.resources",
        ),
        ({"a.py": "import math\nmath.no_such\n"}, "failed when it was run: AttributeError: module 'math'", "older"),
        ({"a.py": "raise SystemExit(3)\n"}, "failed when it was run: SystemExit: 3", "older packages"),
        ({"a.py": "Step = 7\n"}, "'a' at .* has no class 'Step'", "zenrepo steps"),
        ({"a.py": "class Stop:\n    pass\n"}, "has no class 'Step'", "did you mean 'Stop'"),
        ({"a.py": "x = '\0'\n" + STEP}, "null bytes", ""),
        ({"b.py": STEP}, "has no step type 'a.Step'", "zenrepo steps"),
        ({"a/notes.txt": "no module"}, "has no step type 'a.Step'", "zenrepo steps"),
    ],
)
def test_code_that_cannot_be_loaded_is_named(
    repository: GitRepository, committed: Callable[..., str], files: dict[str, str], message: str, hint: str
) -> None:
    """Whatever a module does when it runs ends in one kind of error, without a traceback through zenrepo."""
    sha = committed(files)

    with pytest.raises(PinError, match=message) as caught:
        load(f"a.Step@{sha}", repository.path)
    assert hint in caught.value.hint
    assert "zenrepo.pinned" not in str(caught.value)


def test_a_module_that_failed_is_tried_again(repository: GitRepository, committed: Callable[..., str]) -> None:
    """What was missing may have come since; a failed import leaves nothing behind."""
    sha = committed({"a.py": "import sys\nif not hasattr(sys, 'ready'):\n    raise ImportError('not yet')\n" + STEP})
    with pytest.raises(PinError, match="not yet"):
        load(f"a.Step@{sha}", repository.path)

    import sys

    sys.ready = True  # type: ignore[attr-defined]
    assert load(f"a.Step@{sha}", repository.path).step_type() == "a.Step"
    del sys.ready  # type: ignore[attr-defined]


def test_a_tree_or_a_file_is_no_commit(repository: GitRepository, committed: Callable[..., str]) -> None:
    """The id of another object is refused, and a tag leads to its commit."""
    sha = committed({"a.py": STEP})
    repository.git("tag", "-a", "-m", "release", "v1")
    ids = [repository.git("rev-parse", name) for name in ("HEAD^{tree}", "HEAD:a.py")]

    for other in ids:
        with pytest.raises(PinError, match=f"no commit '{other}'"):
            load(f"a.Step@{other}", repository.path)
    assert load("a.Step@v1", repository.path) is load(f"a.Step@{sha}", repository.path)


@pytest.mark.parametrize(
    "version", ["", "-", "--all", "--output=pwned", "-o", "--git-dir=/", "HEAD\0", "HEAD\n", "a b"]
)
def test_a_version_is_never_an_option_of_git(
    repository: GitRepository, committed: Callable[..., str], version: str
) -> None:
    """Whatever stands behind the ``@`` is a revision or an error."""
    committed({"a.py": STEP})

    with pytest.raises(PinError):
        load(f"a.Step@{version}", repository.path)
    assert not (repository.path / "pwned").exists()


def test_outside_a_repository_nothing_is_loaded(repository: GitRepository) -> None:
    """A folder in no repository is named."""
    with pytest.raises(NotARepository):
        load("a.Step@HEAD", repository.path.parent)
