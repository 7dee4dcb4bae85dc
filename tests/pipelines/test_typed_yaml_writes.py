"""What is written as YAML text, and that it is read back as the same value."""

from __future__ import annotations

import enum
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from zenrepo.errors import UsageError
from zenrepo.typed_yaml import Typed, convert, default_map, dump, parse, save
from zenrepo.typed_yaml.compose import LOADER


class Box(Typed, frozen=True, kw_only=True):
    """A value with anything in it."""

    content: dict[str, Any] = default_map()


TRICKY = st.sampled_from(
    [
        *(
            "",
            " ",
            "on",
            "No",
            "y",
            "null",
            "~",
            "true",
            "1e3",
            "0777",
            "0x1",
            "12:30",
            ".inf",
            "-.5",
            "1_000",
        ),
        *(
            "2024-01-02",
            "# x",
            "a # b",
            "a: b",
            "- a",
            "? a",
            "[a",
            "{a}",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "|",
        ),
        *(
            "'",
            '"',
            "it's",
            "\\",
            "\t",
            "\ta",
            "a\t",
            "\n",
            "\n\n",
            "a\n",
            "a\nb",
            "a\n\n",
            " a\n b",
            "a \nb",
            "\n a",
        ),
        *(
            "a\r\nb",
            "\r",
            "\x85",
            "\u2028a",
            "\ufeff",
            "\x00",
            "\x7f",
            "é",
            "日本",
            "🙂",
            "\ufffe",
            "---",
            "...",
            "<<",
        ),
        *("x" * 200, "a b " * 100, "a,b", "=", "--- a\n", "a\n---\nb", "gs://b/*.csv"),
    ]
)
TEXTS = TRICKY | st.text(max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("loader", sorted({LOADER, yaml.SafeLoader}, key=lambda loader: loader.__name__))
@given(content=st.dictionaries(TEXTS, VALUES, max_size=4))
@example(content={"on": "on", "a": ["1e3", "null", "# x"], "b": "one\ntwo\n", "c": {"": ""}})
def test_what_is_written_is_read_back(loader, content):
    """Every value comes back the same, of the same type, from either parser."""
    read = convert(parse(dump(Box(content=content)).encode(), "box.yaml", loader), Box)

    assert repr(read.content) == repr(content)


@given(content=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_read_is_written_the_same(content):
    """The same value is always the same bytes."""
    text = dump(Box(content=content))

    assert dump(convert(parse(text.encode(), "box.yaml"), Box)) == text


def test_the_text_is_pleasant_to_diff():
    """Maps in blocks and in their order, short lists on one line, long ones and long texts on several."""
    content = {
        "z": [1, 2.5, "a b", True, None],
        "on": "on",
        "rows": [[1, 2], [3]],
        "maps": [{"a": 1}, {}],
        "names": ["feature_number_" + str(number) for number in range(5)],
        "query": "select *\nfrom t\n",
        "empty": [],
        "word": "it's",
        "small": 1e-07,
    }

    assert dump(Box(content=content)) == (
        "content:\n"
        "  z: [1, 2.5, a b, true, null]\n"
        "  on: 'on'\n"
        "  rows:\n"
        "    - [1, 2]\n"
        "    - [3]\n"
        "  maps:\n"
        "    - a: 1\n"
        "    - {}\n"
        "  names:\n"
        "    - feature_number_0\n"
        "    - feature_number_1\n"
        "    - feature_number_2\n"
        "    - feature_number_3\n"
        "    - feature_number_4\n"
        "  query: |\n"
        "    select *\n"
        "    from t\n"
        "  empty: []\n"
        "  word: it's\n"
        "  small: 1e-07\n"
    )


def test_subclasses_of_plain_types_are_written_as_those():
    """An enumeration of strings is written as a string."""

    class Mode(str, enum.Enum):
        FAST = "fast"

    assert dump(Box(content={"mode": Mode.FAST})) == "content:\n  mode: fast\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"\udfff": 1}, {1: 2}, b"x", object])
def test_what_yaml_cannot_hold_is_refused(value):
    """Nothing is written that would be read as something else."""
    with pytest.raises(UsageError) as caught:
        dump(Box(content={"a": value}))

    assert caught.value.hint


def test_a_file_is_saved_whole_with_its_folder(tmp_path):
    """Nothing else is left beside it."""
    path = tmp_path / "new" / "a.yaml"

    save(path, "a: é\n")

    assert path.read_bytes() == "a: é\n".encode()
    assert list(path.parent.iterdir()) == [path]
