"""What a plain YAML scalar means: the core schema of YAML 1.2.

PyYAML follows YAML 1.1, in which ``on`` and ``no`` are booleans, ``0777`` is 511, ``1e3`` a string and
``12:30`` the number 750. Here they are strings, 777, 1000.0 and a string; a date is a string too.
"""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

from zenrepo.errors import UsageError

Scalar: TypeAlias = bool | int | float | str | None

NULL: Final = "tag:yaml.org,2002:null"
BOOL: Final = "tag:yaml.org,2002:bool"
INT: Final = "tag:yaml.org,2002:int"
FLOAT: Final = "tag:yaml.org,2002:float"
STR: Final = "tag:yaml.org,2002:str"

CORE: Final = {
    NULL: re.compile(r"(?:null|Null|NULL|~|)\Z"),
    BOOL: re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    INT: re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"),
    FLOAT: re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
    ),
}
"""The tag that a plain scalar has, by what it looks like; the first that matches. All else is a string."""

LONGEST_INT: Final = 4000
"""Digits of the longest integer that is read; Python itself stops at 4300."""


def tag(text: str) -> str:
    """Say which tag a plain scalar has."""
    return next((name for name, pattern in CORE.items() if pattern.match(text)), STR)


def value(text: str) -> Scalar:
    """Read a plain scalar.

    Args:
        text: as it stands in the file, without quotes.

    Returns:
        The value that YAML 1.2's core schema gives it.

    Raises:
        UsageError: for a number that is not finite, or that is too long.
    """
    kind = tag(text)
    if kind == INT:
        return _integer(text)
    if kind == FLOAT:
        return _float(text)
    if kind == BOOL:
        return text[0] in "tT"
    return None if kind == NULL else text


def _integer(text: str) -> int:
    if len(text) > LONGEST_INT:
        raise UsageError(f"an integer of {len(text)} digits is too long", "quote it if it is a text")
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


def _float(text: str) -> float:
    number = math.inf if "n" in text.lower() else float(text)  # .inf and .nan
    if not math.isfinite(number):
        raise UsageError(f"{text} is not a finite number", f"quote it if it is a text: '{text}'")
    return number
