"""Cuts CSV text between rows, so that each piece can be parsed by itself.

A line end parts two rows where the double quotes before it are even in number. That holds for every file whose quotes
open behind, and close before, a delimiter or a line end; pieces where one does not are found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

BLOCK = 8 << 20
LONGEST = 256 << 20
_BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """The file is no CSV; ``csv_check`` says why."""


def cut(stream: Any, delimiter: str, quote: bool, length: int | None = None) -> Iterator[bytes]:
    """Read a stream in pieces of whole rows.

    Args:
        stream: of bytes, at the beginning of a row.
        delimiter: between values.
        quote: whether double quotes may stand around values.
        length: how many bytes to read; all where it is ``None``.

    Yields:
        Pieces of a few megabytes.

    Raises:
        Unreadable: for a quote that stands where none can, and for one that is never closed.
    """
    rest = b""
    while True:
        block = stream.read(BLOCK if length is None else min(BLOCK, length))
        if length is not None:
            length -= len(block)
        data = rest + block
        end = _last_row_end(data, quote) if block else len(data)
        if end:
            if quote and _has_stray_quote(data[:end], delimiter):
                raise Unreadable("a double quote stands where none can")
            yield data[:end]
        elif len(data) > LONGEST:
            raise Unreadable(f"has a row of more than {LONGEST >> 20} MB")
        rest = data[end:]
        if not block:
            return


def _last_row_end(data: bytes, quote: bool) -> int:
    """Find where the last whole row ends; 0 where none does."""
    at = data.rfind(b"\n")
    if not quote:
        return at + 1
    before = data.count(b'"', 0, at + 1)
    while at >= 0 and before % 2:
        earlier = data.rfind(b"\n", 0, at)
        before -= data.count(b'"', earlier + 1, at)
        at = earlier
    return at + 1


def _has_stray_quote(data: bytes, delimiter: str) -> bool:
    """Whether a quote does not open or close a value, or is not doubled inside one."""
    import numpy as np

    if b'"' not in data:
        return False
    signs = np.frombuffer(data.removeprefix(_BOM), np.uint8)
    quotes = np.flatnonzero(signs == ord('"'))
    if len(quotes) % 2:
        return True
    around = np.frombuffer(f'{delimiter}"\r\n'.encode(), np.uint8)
    opened, closed = quotes[0::2], quotes[1::2]
    before = signs[opened[opened > 0] - 1]
    behind = signs[closed[closed < len(signs) - 1] + 1]
    return not (np.isin(before, around).all() and np.isin(behind, around).all())
