"""Settings of a run in the place of what a pipeline file says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.errors import PipelineFileError
from zenrepo.pipeline_files.file import PipelineFile, read_with_places
from zenrepo.typed_yaml import parse_value, piece

FILE = b"""\
version: 1
name: p
kind: custom
steps:
  one:
    type: steps.own.One
    args:
      n: 1
      sizes: [16, 32]
      shape: {width: 3}
  two: {type: steps.own.Two}
"""


def with_settings(**settings: str) -> PipelineFile:
    """Read the file with settings; two underscores stand for a dot."""
    return read_with_places(FILE, "p.yaml", None, {key.replace("__", "."): text for key, text in settings.items()})[0]


@pytest.mark.parametrize(
    ("key", "text", "step", "args"),
    [
        ("steps.one.args.n", "5", "one", {"n": 5, "sizes": [16, 32], "shape": {"width": 3}}),
        ("steps.one.args.n", "'5'", "one", {"n": "5", "sizes": [16, 32], "shape": {"width": 3}}),
        ("steps.one.args.n", "", "one", {"n": None, "sizes": [16, 32], "shape": {"width": 3}}),
        ("steps.one.args.sizes", "[8]", "one", {"n": 1, "sizes": [8], "shape": {"width": 3}}),
        ("steps.one.args.sizes.1", "8", "one", {"n": 1, "sizes": [16, 8], "shape": {"width": 3}}),
        ("steps.one.args.shape.width", "1e3", "one", {"n": 1, "sizes": [16, 32], "shape": {"width": 1000.0}}),
        ("steps.one.args", "{n: 2}", "one", {"n": 2}),
        ("steps.two.args.since", "!date 2024-05-01", "two", {"since": {"!date": "2024-05-01"}}),
        ("steps.two.args.deep.er", "no", "two", {"deep": {"er": "no"}}),
    ],
)
def test_a_setting_stands_where_its_key_leads(key: str, text: str, step: str, args: dict[str, Any]) -> None:
    """It is read as it would be in the file, and maps that are not there are made."""
    found = read_with_places(FILE, "p.yaml", None, {key: text})[0]

    assert found.steps[step].args == args


def test_everything_else_is_as_the_file_says() -> None:
    """Two settings of one step stand beside each other."""
    found = with_settings(steps__one__args__n="2", steps__one__args__m="3", steps__two__type="steps.own.Three")

    assert found.steps["one"].args == {"n": 2, "m": 3, "sizes": [16, 32], "shape": {"width": 3}}
    assert found.steps["two"].type == "steps.own.Three"
    assert (found.name, found.kind, found.steps["one"].type) == ("p", "custom", "steps.own.One")


@pytest.mark.parametrize(
    ("key", "text", "problem", "hint"),
    [
        ("name", "q", "'name' cannot be set for a run", "change the file, and commit it"),
        ("trigger.on", "[push]", "'trigger' cannot be set for a run", "change the file, and commit it"),
        ("steps.ones.args.n", "1", "unknown step 'ones'", "did you mean 'one'?"),
        ("step.one.args.n", "1", "unknown key 'step'", "did you mean 'steps'?"),
        ("one.n", "1", "unknown key 'one'", "did you mean 'steps.one.args.n'?"),
        ("one.args.n", "1", "unknown key 'one'", "did you mean 'steps.one.args.n'?"),
        ("steps.one.n", "1", "unknown key 'n' of a step", "did you mean 'steps.one.args.n'?"),
        ("steps.one", "1", "is no single setting", "write it as in steps.trainer.args.epochs"),
        ("steps..n", "1", "is not a dotted key", "write it as in steps.trainer.args.epochs"),
        ("steps.one.args.n.m", "1", "'steps.one.args.n' holds no 'm'", "set it as a whole"),
        ("steps.one.args.sizes.2", "1", "'2' is no position in a list of 2", "count from 0"),
        (
            "steps.one.args",
            "7",
            "'steps.one.args' must be a map, but is an integer",
            "write 'key: value' lines under it",
        ),
        ("steps.one.args.n", ".nan", ".nan is not a finite number", "quote it if it is a text: '.nan'"),
        ("steps.one.type", "One", "'One' is not a step type", "write the dotted path of its class: module.step.MyStep"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_of_the_setting(key: str, text: str, problem: str, hint: str) -> None:
    """No line of the file has it."""
    with pytest.raises(PipelineFileError) as caught:
        read_with_places(FILE, "p.yaml", None, {key: text})

    assert (caught.value.message, caught.value.hint) == (f"--set {key}: {problem}", hint)


@pytest.mark.parametrize("text", ["{a: [", "a: b: c", "&a 1", "*a", "!thing 1", "--- 1\n--- 2", "\x07", "[!date x]"])
def test_what_is_no_yaml_is_refused(text: str) -> None:
    """As in a file, and likewise said of the setting."""
    with pytest.raises(PipelineFileError, match=r"^--set steps\.one\.args\.n: "):
        with_settings(steps__one__args__n=text)


def test_a_broken_file_is_refused_for_itself() -> None:
    """A setting hides nothing of it."""
    with pytest.raises(PipelineFileError, match=r"^p\.yaml:2: 'steps' must be a map"):
        read_with_places(b"version: 1\nsteps: 3\nname: p\n", "p.yaml", None, {"steps.one.args.n": "1"})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(
        st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xD7FF, exclude_characters="\x85\u2028\u2029")
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.: -é", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_value_from_python_is_read_as_the_same_value(value: object) -> None:
    """Written on one line."""
    text = piece(value)

    assert "\n" not in text
    assert parse_value(text, "here") == value
