"""Lists of names as one text. JSON would do as well, but importing it costs a hook as much as two git processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_END = "\0"
"""Parts the names: no path, identifier or object id holds it."""


def pack(lists: Iterable[Sequence[str]]) -> str:
    """Write lists of names that hold no NUL."""
    parts: list[str] = []
    for names in lists:
        parts += [str(len(names)), *names]
    return _END.join(parts)


def unpack(packed: str) -> Iterator[list[str]]:
    """Read what `pack` wrote."""
    parts = packed.split(_END) if packed else []
    start = 0
    while start < len(parts):
        end = start + 1 + int(parts[start])
        yield parts[start + 1 : end]
        start = end
