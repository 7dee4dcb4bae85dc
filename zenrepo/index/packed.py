"""Lists of names as one text. JSON would do as well, but importing it costs a hook as much as a git process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_END = "\0"
"""Ends each name: no path, module or blob id holds it."""


def pack(lists: Iterable[Sequence[str]]) -> bytes:
    """Write lists of names that hold no NUL."""
    parts: list[str] = []
    for names in lists:
        parts += [str(len(names)), *names]
    return _END.join(parts).encode("utf-8", "surrogatepass")


def unpack(packed: bytes) -> Iterator[list[str]]:
    """Read what `pack` wrote."""
    parts = packed.decode("utf-8", "surrogatepass").split(_END) if packed else []
    start = 0
    while start < len(parts):
        end = start + 1 + int(parts[start])
        yield parts[start + 1 : end]
        start = end
