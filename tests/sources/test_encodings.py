"""Bytes are read as Python's own import reads them."""

from __future__ import annotations

import importlib.util
import linecache
import traceback
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.sources.conftest import Committed
from zenrepo.sources.load import load
from zenrepo.sources.read import read_module

SOURCES = {
    "latin_in_comment": b"# \xe9\nX = 1\n",
    "latin_in_last_comment": b"X = 1  # \xe9",
    "latin_in_text": b"X = '\xe9'\n",
    "latin_declared": b"# coding: latin-1\nX = '\xe9'\n",
    "latin_declared_second": b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\nX = '\xe9'\n",
    "latin_declared_too_late": b"\n\n# coding: latin-1\nX = '\xe9'\n",
    "latin_declared_behind_code": b"import os\n# coding: latin-1\nX = '\xe9'\n",
    "cp1252_declared": b"# coding: cp1252\nX = '\x80'\n",
    "mark": b"\xef\xbb\xbfX = '\xc3\xa9'\n",
    "mark_and_latin": b"\xef\xbb\xbf# coding: latin-1\nX = '\xc3\xa9'\n",
    "mark_and_broken": b"\xef\xbb\xbfX = 1  # \xe9\n",
    "utf8_declared_and_broken": b"# coding: utf-8\nX = 1  # \xe9\n",
    "ascii_declared_and_broken": b"# coding: ascii\nX = 1  # \xe9\n",
    "surrogate": b"X = '\xed\xa0\x80'\n",
    "overlong": b"X = 1  # \xc0\x80\n",
    "utf7_declared": b"# coding: utf-7\nX = '+AOk-'\n",
    "utf16": "X = 1\n".encode("utf-16"),
    "unknown_declared": b"# coding: nosuch\nX = 1\n",
    "bytes_codec_declared": b"# coding: hex\nX = 1\n",
    "nul": b"X = 1\n\0",
    "nul_in_comment": b"X = 1\n# \0\n",
    "nul_in_text": b"X = '\0'\n",
    "end_of_file_mark": b"X = 1\n\x1a",
    "form_feed": b"\x0cX = 1\n\x0c\n",
    "old_mac": b"# coding: latin-1\rX = '\xe9'\r",
    "backslash_at_end": b"X = 1\n\\",
}


def imported(source: bytes, folder: Path) -> object:
    """Import a module of some bytes, and give its ``X``; ``None`` where Python refuses it."""
    path = folder / "module.py"
    path.write_bytes(source)
    spec = importlib.util.spec_from_file_location("module", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ValueError):
        return None
    return module.X


@pytest.mark.parametrize("name", SOURCES)
def test_what_python_imports_is_read_and_nothing_else(name: str, tmp_path: Path) -> None:
    """Coding lines, byte-order marks, NUL bytes and bytes in no encoding decide as they do in an import."""
    accepted = imported(SOURCES[name], tmp_path) is not None

    assert (read_module(SOURCES[name]).error == "") == accepted


@pytest.mark.parametrize("name", ["latin_in_comment", "latin_declared", "mark", "cp1252_declared", "old_mac"])
def test_a_pinned_module_is_decoded_as_an_import_does(
    name: str, committed: Committed, repository: GitRepository, tmp_path: Path
) -> None:
    """Its texts are those of an import; a traceback through it can be printed, whatever bytes its comments hold."""
    step = b"\nfrom zenrepo.steps import TrainerStep\nclass Step(TrainerStep):\n    x = X\n    def f(self): 1 / 0\n"
    sha = committed({"module.py": SOURCES[name] + step})
    found = load(f"module.Step@{sha}", repository.path)
    linecache.clearcache()
    with pytest.raises(ZeroDivisionError) as caught:
        found.f(None)

    assert found.x == imported(SOURCES[name], tmp_path)
    assert "def f(self): 1 / 0" in "".join(traceback.format_exception(caught.value))
