"""What is read from YAML text, and what is refused."""

from __future__ import annotations

import pytest
import yaml

from zenrepo.typed_yaml import Typed, convert, default_list, default_map, parse
from zenrepo.typed_yaml.compose import LOADER


class Wheel(Typed, frozen=True, kw_only=True):
    """One of two nested types."""

    size: int
    tags: list[str] = default_list()


class Car(Typed, frozen=True, kw_only=True):
    """A type with all the shapes that files have."""

    name: str
    wheels: dict[str, Wheel] = default_map()
    spare: list[Wheel] = default_list()
    price: float = 0.0


@pytest.fixture(params=sorted({LOADER, yaml.SafeLoader}, key=lambda loader: loader.__name__))
def loader(request):
    """Both parsers, where both are there."""
    return request.param


@pytest.fixture
def data(loader):
    """Read a text into plain data."""
    return lambda text: parse(text if isinstance(text, bytes) else text.encode(), "a.yaml", loader).data


def car(text):
    """Read a text as a car."""
    return convert(parse(text.encode(), "a.yaml"), Car)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-12", -12),
        ("0777", 777),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-02", "2024-01-02"),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1E-2", -0.01),
        ("1e", "1e"),
        ("<<", "<<"),
        ("=", "="),
        ("abcdef1", "abcdef1"),
        ("1.2.3", "1.2.3"),
        ("'12'", "12"),
        ('"null"', "null"),
        ("|\n  a\n  b", "a\nb\n"),
        ("[1, a, ~]", [1, "a", None]),
        ("{a: 1, b: {}}", {"a": 1, "b": {}}),
        ("٣", "٣"),
    ],
)
def test_scalars_follow_yaml_1_2(data, text, value):
    """The core schema of YAML 1.2 says what a scalar is, so that nothing surprises."""
    read = data(f"key: {text}\n")["key"]

    assert (read, type(read)) == (value, type(value))


def test_keys_that_yaml_1_1_would_change_stay(data):
    """``on`` is a key like any other."""
    assert data("on: 1\nno: 2\ny: 3\n<<: 4\n") == {"on": 1, "no": 2, "y": 3, "<<": 4}


def test_a_byte_order_mark_is_passed_over(data):
    """Some editors put one in front."""
    assert data(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_windows_line_ends_are_taken(data):
    """A checkout on Windows may have them."""
    assert data("a: 1\r\nb: x\r\n") == {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.yaml:1: is empty\nhint: it needs at least 'version: 1'"),
        ("# only a comment\n", "a.yaml:1: is empty\nhint: it needs at least 'version: 1'"),
        ("---\n---\n", "a.yaml:2: is empty\nhint: it needs at least 'version: 1'"),
        ("- a\n", "a.yaml:1: must hold a map\nhint: write 'key: value' lines"),
        ("a: 1\n--- \nb: 2\n", "a.yaml:2: holds a second document\nhint: keep one, without another '---'"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: key 'a' is given twice, first on line 1\nhint: keep one of them"),
        (
            "m:\n  on: 1\n  'on': 2\n",
            "a.yaml:3: key 'on' is given twice, first on line 2\nhint: keep one of them",
        ),
        ("a: 1\n5: b\n", "a.yaml:2: key 5 is not a string\nhint: quote it: '5'"),
        ("m:\n  true: b\n", "a.yaml:2: key true is not a string\nhint: quote it: 'true'"),
        ("? [a]\n: b\n", "a.yaml:1: a map, a list or a typed value stands as a key\nhint: a key is a string"),
        (
            "a: &x [1]\nb: *x\n",
            "a.yaml:1: anchor '&x' is not taken\n"
            "hint: write the value out where it is used; quote a text that starts with '&'",
        ),
        (
            "a: 1\nb: *x\n",
            "a.yaml:2: alias '*x' is not taken\nhint: write the value out; quote a text that starts with '*'",
        ),
        (
            "a: !!python/name:os.system ''\n",
            "a.yaml:1: tag 'tag:yaml.org,2002:python/name:os.system' is not taken\n"
            "hint: take one of !date, !datetime, !class, or quote a text that starts with '!'",
        ),
        (
            "a: !x b\n",
            "a.yaml:1: tag '!x' is not taken\n"
            "hint: take one of !date, !datetime, !class, or quote a text that starts with '!'",
        ),
        ("a: !date tomorrow\n", "a.yaml:1: 'tomorrow' is not a date\nhint: write it as in '!date 2024-05-01'"),
        ("a: !date [x]\n", "a.yaml:1: tag '!date' stands before a map or list\nhint: give it a text"),
        (
            "a: 1\nb: !class os-path\n",
            "a.yaml:2: 'os-path' is not the dotted path of a class\nhint: write it as in '!class module.net.Network'",
        ),
        ("a:\n  '!date': x\n", "a.yaml:2: key '!date' is a tag\nhint: write '!date x' without ':'"),
        ("!date 2024-05-01: x\n", "a.yaml:1: a map, a list or a typed value stands as a key\nhint: a key is a string"),
        ("a:\n\tb: 1\n", "a.yaml:2: is indented by a tab\nhint: YAML takes spaces only"),
        ("a: 1\nb: .nan\n", "a.yaml:2: .nan is not a finite number\nhint: quote it if it is a text: '.nan'"),
        ("a: -.INF\n", "a.yaml:1: -.INF is not a finite number\nhint: quote it if it is a text: '-.INF'"),
        ("a: 1e999\n", "a.yaml:1: 1e999 is not a finite number\nhint: quote it if it is a text: '1e999'"),
        (
            "a: 1\nb: \x07\n",
            "a.yaml:2: holds the control character '\\x07'\nhint: remove it, or write it escaped in double quotes",
        ),
        (
            "a: 1\nb: x\x00\n",
            "a.yaml:2: holds the control character '\\x00'\nhint: remove it, or write it escaped in double quotes",
        ),
        (
            "a: 1\nb: x\u2028\n",
            "a.yaml:2: holds the control character '\\u2028'\nhint: remove it, or write it escaped in double quotes",
        ),
        ("a: 1\nb: x\ty\n", "a.yaml:2: a tab stands in a text without quotes\nhint: quote the text"),
        (b"a: 1\nb: \xe9\n", "a.yaml:2: is not UTF-8\nhint: save it as UTF-8"),
        ("a: 1".encode("utf-16"), "a.yaml:1: is not UTF-8\nhint: save it as UTF-8"),
    ],
)
def test_refusals_say_line_and_cure(data, refusal, text, message):
    """What a file may not hold is refused with its line, by either parser in the same words."""
    assert refusal(data, text) == message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: c: d\n", 2),
        ("x: 0\na: [1,\nb: 2\n", 2),
        ("a: 'b\n", 1),
        ("a: @b\n", 1),
        ("a: *.csv\n", 1),
        ("a: b\n c\nd\n", 3),
        ("a: b\nc\nd: e\n", 2),
    ],
)
def test_text_that_is_not_yaml_is_refused(data, refusal, text, line):
    """The parser's own words follow the line, and a hint the commonest cause."""
    said = refusal(data, text)

    assert said.startswith(f"a.yaml:{line}: is not YAML: ")
    assert "hint: quote a text that holds ': '" in said


@pytest.mark.parametrize("text", ["a: " + "[" * 40 + "]" * 40, "a: " + "{b: " * 40 + "1" + "}" * 40])
def test_deep_nesting_is_refused(data, refusal, text):
    """No file can exhaust the stack."""
    assert "nests deeper than 32 levels" in refusal(data, text)


def test_integers_longer_than_python_reads_are_refused(data, refusal):
    """They have a line, too."""
    assert "a.yaml:2: an integer of 5000 digits is too long" in refusal(data, "a: 1\nb: " + "9" * 5000)


def test_a_document_becomes_a_typed_value():
    """Nested types, defaults and integers for numbers."""
    read = car("name: mini\nwheels:\n  front: {size: 3, tags: [a]}\nprice: 2\n")

    assert read == Car(name="mini", wheels={"front": Wheel(size=3, tags=["a"])}, price=2.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nwheel: {}\n", "a.yaml:2: unknown key 'wheel'\nhint: did you mean 'wheels'?"),
        (
            "zzz: 1\nname: a\n",
            "a.yaml:1: unknown key 'zzz'\nhint: the keys here are name, wheels, spare, price",
        ),
        (
            "name: a\nwheels:\n  front: {size: 1}\n  back:\n    size: 1\n    tag: [a]\n",
            "a.yaml:6: unknown key 'tag' in 'wheels.back'\nhint: did you mean 'tags'?",
        ),
        (
            "name: a\nspare:\n  - size: 1\n  - size: 1\n    sizes: 2\n",
            "a.yaml:5: unknown key 'sizes' in 'spare.1'\nhint: did you mean 'size'?",
        ),
        ("# first\nprice: 1\n", "a.yaml:2: key 'name' is missing\nhint: add 'name: …'"),
        (
            "name: a\nwheels:\n  front:\n    tags: []\n",
            "a.yaml:3: key 'size' is missing in 'wheels.front'\nhint: add 'size: …'",
        ),
        (
            "price: 1\nname: 5\n",
            "a.yaml:2: 'name' must be a string, but is an integer\nhint: quote it if it is a text",
        ),
        (
            "name: a\nwheels:\n  front:\n    size: '3'\n",
            "a.yaml:4: 'wheels.front.size' must be an integer, but is a string\nhint: write an integer without quotes",
        ),
        (
            "name: a\nwheels:\n  x.y:\n    size: 1\n    tags: b\n",
            "a.yaml:5: 'wheels.x.y.tags' must be a list, but is a string\nhint: write it as a list: [b]",
        ),
        (
            "name: a\nwheels:\n  f: {size: 1}\n  g: {size: 1, tags: [a, 2]}\n",
            "a.yaml:4: 'wheels.g.tags.1' must be a string, but is an integer\nhint: quote it if it is a text",
        ),
        (
            "name: a\nwheels:\n",
            "a.yaml:2: 'wheels' must be a map, but is empty\nhint: give it a value, or leave the key out",
        ),
        (
            "name: a\nwheels: [1]\n",
            "a.yaml:2: 'wheels' must be a map, but is a list\nhint: write 'key: value' lines under it",
        ),
        (
            "name: true\n",
            "a.yaml:1: 'name' must be a string, but is a boolean\nhint: quote it if it is a text",
        ),
    ],
)
def test_a_document_that_does_not_fit_is_refused(refusal, text, message):
    """Each misfit has its line, the whole way to it, and a cure."""
    assert refusal(car, text) == message
