"""How an error in a step is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.errors import DataError
from zenrepo.runner.performing.failure import describe

SOURCE = "def work():\n    raise ValueError('too little')\n"


def raised_in(root: Path) -> BaseException:
    """Raise an error in a module of the user's."""
    file = root / "mine.py"
    file.write_text(SOURCE)
    space: dict[str, object] = {}
    exec(compile(SOURCE, str(file), "exec"), space)
    try:
        space["work"]()  # type: ignore[operator]
    except ValueError as error:
        return error
    raise AssertionError


def test_the_users_line_is_named(tmp_path: Path) -> None:
    """The message has the error's type and text, and where in the user's source it was raised."""
    told = describe(raised_in(tmp_path), "split", [str(tmp_path)])

    assert told["message"] == "step 'split': ValueError: too little (mine.py:2 in work)"
    assert "Traceback" in told["traceback"]


@pytest.mark.parametrize("file", ["lib/secret.py", "lib/secret/__init__.py"])
def test_a_module_that_the_commit_lacks_is_named(tmp_path: Path, file: str) -> None:
    """The working tree has it, where git ignores it or nobody has added it yet."""
    checkout, repository = tmp_path / "checkout", tmp_path / "repository"
    (repository / "src" / file).parent.mkdir(parents=True)
    (repository / "src" / file).touch()
    error = ModuleNotFoundError("No module named 'lib.secret'", name="lib.secret")
    told = describe(error, "data", [str(checkout / "src")], str(checkout), str(repository))
    nowhere = describe(error, "data", [str(checkout)], str(checkout), str(repository))

    assert told["hint"] == f"'src/{file}' is not in the commit: 'git add' it, with '--force' where git ignores it"
    assert nowhere["hint"] == ""


def test_a_module_of_a_submodule_is_named(tmp_path: Path) -> None:
    """``git add`` would not take it."""
    checkout, repository = tmp_path / "checkout", tmp_path / "repository"
    (repository / "vendor/lib").mkdir(parents=True)
    (repository / "vendor/.git").touch()
    (repository / "vendor/lib/secret.py").touch()
    error = ModuleNotFoundError("No module named 'vendor.lib.secret'", name="vendor.lib.secret")

    told = describe(error, "data", [str(checkout)], str(checkout), str(repository))

    assert told["hint"] == (
        "'vendor' is a repository of its own, whose files are not in the commit: install it as a package, "
        "or copy them into this repository"
    )


def test_an_error_of_our_own_is_told_as_it_is(tmp_path: Path) -> None:
    """A message made for the user keeps its words and its hint."""
    told = describe(DataError("t.csv", "is empty", row=3, hint="fill it"), "data", [str(tmp_path)])

    assert told["message"] == "step 'data': t.csv, row 3: is empty"
    assert told["hint"] == "fill it"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'Traceback (most recent call last):\n  File "core.py", line 1, in f\n    g()\n'
            "KeyError: 3 [while running 'x']",
            "step 'data': KeyError: 3",
            "",
        ),
        (
            'Traceback (most recent call last):\n  File "core.py", line 1, in f\n    g()\n'
            "zenrepo.errors.StepFailed: no rows\nhint: bring some [while running 'x']",
            "step 'data': no rows",
            "bring some",
        ),
    ],
)
def test_an_error_that_beam_hands_on_as_text_is_told_as_it_was(text: str, message: str, hint: str) -> None:
    """What another worker of Beam raised arrives as the text of its traceback."""
    told = describe(RuntimeError(text), "data", [])

    assert told["message"] == message
    assert told["hint"] == hint


def test_what_was_raised_first_is_what_counts(tmp_path: Path) -> None:
    """AutoGraph raises another error in the place of the user's."""
    wrapped = RuntimeError("in user code:\n    …")
    wrapped.__cause__ = raised_in(tmp_path)
    told = describe(wrapped, "preprocess", [str(tmp_path)])

    assert told["message"] == "step 'preprocess': ValueError: too little (mine.py:2 in work)"


def frame(file: object, line: int, function: str, commit: str = "") -> dict[str, object]:
    """Write a frame as an event has it."""
    return {"file": str(file), "line": line, "function": function, "commit": commit}


def test_the_frame_is_told_from_the_top_of_the_checkout(tmp_path: Path) -> None:
    """So that it can be looked up in git, whatever the source roots are."""
    source = tmp_path / "src"
    source.mkdir()
    told = describe(raised_in(source), "split", [str(source)], str(tmp_path))

    assert told["frame"] == frame("src/mine.py", 2, "work")


def test_an_error_in_a_library_is_told_by_the_line_that_called_it(tmp_path: Path) -> None:
    """The innermost line of the user's own source counts, not that of the library."""
    text = "import json\ndef work():\n    json.loads('{')\n"
    space: dict[str, object] = {}
    exec(compile(text, str(tmp_path / "mine.py"), "exec"), space)
    with pytest.raises(ValueError, match="Expecting") as caught:
        space["work"]()  # type: ignore[operator]

    assert describe(caught.value, "split", [str(tmp_path)], str(tmp_path))["frame"] == frame("mine.py", 3, "work")


def test_an_error_without_a_line_of_the_users_has_no_frame(tmp_path: Path) -> None:
    """A standard step refused its data."""
    assert describe(DataError("t.csv", "is empty"), "data", [str(tmp_path)])["frame"] == {}


def test_a_step_that_is_pinned_is_told_with_its_commit() -> None:
    """Its source is in git alone; Beam hands it on as text."""
    text = 'Traceback (most recent call last):\n  File "zenrepo:0123456789ab/lib/own.py", line 7, in f\nKeyError: 3'
    told = describe(RuntimeError(text), "data", [])

    assert told["frame"] == frame("lib/own.py", 7, "f", "0123456789ab")


def test_autograph_hands_lines_on_as_text(tmp_path: Path) -> None:
    """What it generated has files that nobody knows."""
    text = f'in user code:\n\n    File "{tmp_path}/mine.py", line 4, in preprocessing_fn  *\n       f()\n\n  KeyError'
    told = describe(KeyError(text), "preprocess", [str(tmp_path)], str(tmp_path))

    assert told["frame"] == frame("mine.py", 4, "preprocessing_fn")


def test_a_file_that_is_no_python_is_told_itself(tmp_path: Path) -> None:
    """Not the line that imports it."""
    error = SyntaxError("invalid syntax", (str(tmp_path / "mine.py"), 3, 1, "a b", 3, 2))

    assert describe(error, "data", [str(tmp_path)], str(tmp_path))["frame"] == frame("mine.py", 3, "<module>")
