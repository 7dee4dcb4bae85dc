"""The code digest: the identity of what a module means."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.sources.digest import version_digest
from zenrepo.sources.read import read_module

SOURCE = '''\
"""A step."""
import os
from helpers import norm as n


class Scale(Base):
    """Scales."""

    def __init__(self, *, factor: float = 2.0, names=("a", "b"), **kw):
        self.factor = factor if factor else -1
        self.text = f"{factor:>{self.width}} {names!r}"

    async def go(self, x, /, *rest):
        async with x as y:
            return [i async for i in y if i not in {1, 2} or not (yield)]

    def match(self, x):
        match x:
            case {"a": [1, *_]} | None:
                return lambda v=1: v ** 2
'''


def digest(source: str) -> str:
    """Digest a source that must be Python."""
    facts = read_module(source.encode())
    assert not facts.error
    return facts.digest


@pytest.mark.parametrize(
    "edited",
    [
        SOURCE.replace("import os\n", "import os  # the operating system\n"),
        SOURCE.replace("\n\n\n", "\n\n\n\n\n"),
        SOURCE.replace("    ", "  "),
        SOURCE.replace('("a", "b")', "(\n            'a',\n            'b',\n        )"),
        SOURCE.replace("v ** 2", "(v ** 2)"),
        SOURCE.replace("\n", "\r\n"),
        "# -*- coding: utf-8 -*-\n" + SOURCE,
        SOURCE.replace('"""A step."""', "'A step.'"),
    ],
)
def test_comments_and_formatting_do_not_count(edited: str) -> None:
    """A file that only looks different has the same digest."""
    assert edited != SOURCE

    assert digest(edited) == digest(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.0", "2"),
        ("2.0", "2.5"),
        ("factor if factor", "factor if not factor"),
        ("{1, 2}", "{2, 1}"),
        ("names!r", "names!s"),
        ("*, factor", "factor"),
        ("async for", "for"),
        ("norm as n", "norm as m"),
        ('"a": [1', '"b": [1'),
        ('"""Scales."""', '"""Scales more."""'),
        ("v ** 2", "v * 2"),
    ],
)
def test_every_change_of_meaning_counts(old: str, new: str) -> None:
    """Whatever Python can see changes the digest."""
    assert old in SOURCE

    assert digest(SOURCE.replace(old, new)) != digest(SOURCE)


names = st.sampled_from(["a", "b", "value"])
constants = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(), st.just(...)
)
literals = st.recursive(
    constants,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(names, inner)),
    max_leaves=8,
)


@given(left=literals, right=literals)
def test_two_values_have_one_digest_only_if_they_are_the_same(left: object, right: object) -> None:
    """Different constants never meet in one digest, the same ones always do."""
    same = repr(left) == repr(right)

    assert (digest(f"x = {left!r}") == digest(f"x = {right!r}")) == same


@given(value=literals)
def test_the_digest_survives_a_rewrite_by_another_tool(value: object) -> None:
    """Parsing and writing a module again keeps its digest."""
    source = f"def f(a, *, b={value!r}):\n    return [a, {value!r}] if b else f'{{a:>{{b}}}}'\n"

    assert digest(ast.unparse(ast.parse(source))) == digest(source)


def test_a_very_deep_expression_has_a_digest() -> None:
    """Nesting that no recursion would survive is digested."""
    assert digest("x = " + " + ".join(["1"] * 900))


def test_a_module_without_code_has_none() -> None:
    """A file of comments means nothing."""
    assert digest("# nothing\n\n") == ""


def test_the_digest_is_the_same_on_every_python(tmp_path: Path) -> None:
    """Every CPython from 3.10 to 3.13 on this machine gives the same digests for real code."""
    found = {}
    script = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "from zenrepo.sources.read import read_module\n"
        "print(json.dumps([read_module(open(f, 'rb').read()).digest for f in sys.argv[2:]]))"
    )
    sample = tmp_path / "sample.py"
    sample.write_text(SOURCE)
    files = [str(sample), *map(str, sorted(Path(ast.__file__).parent.glob("[a-d]*.py")))]
    for python in pythons():
        command = [python, "-c", script, str(Path(__file__).parents[2]), *files]
        found[python] = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert len(set(found.values())) == 1, found.keys()


def pythons() -> list[str]:
    """Give one interpreter for each supported version that this machine has."""
    versions = Path(os.environ.get("PYENV_ROOT", Path(sys.base_prefix).parent))
    found = {sys.executable}
    for minor in range(10, 14):
        found.update(map(str, sorted(versions.glob(f"3.{minor}.*/bin/python"))[:1]))
    return sorted(found)


def test_a_step_that_only_moves_keeps_its_identity() -> None:
    """The defining module counts without its name, and modules without code do not count."""
    before = version_digest("Scale", "d1", [("helpers.norm", "d2"), ("steps", "")])

    assert version_digest("Scale", "d1", [("helpers.norm", "d2"), ("other", "")]) == before
    assert version_digest("Scale", "d2", [("helpers.norm", "d1")]) != before
    assert version_digest("Scale", "d1", [("helpers.mean", "d2")]) != before
