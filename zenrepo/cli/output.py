"""What commands print: data on stdout, talk on stderr, text from commits with its control characters escaped.

Look-ups print through this module, so it imports next to nothing; what moves on a terminal is drawn in ``watch``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence

from zenrepo.errors import ZenrepoError
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TextIO

    from zenrepo.runs.journal import Run

BOLD, DIM, RED = "1", "2", "1;31"


def clean(text: object) -> str:
    """Escape what could steer a terminal: control characters, and those that turn the direction of text."""
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in str(text))


def lines(text: str) -> str:
    """Escape a text of several lines, line by line."""
    return "\n".join(clean(line) for line in text.split("\n"))


def styled(text: str, style: str, stream: TextIO | None) -> str:
    """Colour a text, on a terminal whose user wants colours."""
    if stream is None or not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{style}m{text}\x1b[0m"


def show(text: str = "") -> None:
    """Print a line of data.

    Raises:
        ZenrepoError: if this process was started without a standard output.
    """
    if sys.stdout is None:
        raise ZenrepoError("standard output is closed", "send it to a file, or to /dev/null")
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """Tell the user something that is no data, after what was printed before."""
    flush()
    sys.stderr.write(lines(text) + "\n")


def flush() -> None:
    """Write what is held back of standard output: in a file that takes both, all is in order then."""
    if sys.stdout is not None:
        sys.stdout.flush()


def complain(error: ZenrepoError) -> None:
    """Show an error with its hint."""
    flush()
    sys.stderr.write(styled("error: ", RED, sys.stderr) + lines(error.message) + "\n")
    if error.hint:
        sys.stderr.write(styled("hint: ", BOLD, sys.stderr) + lines(error.hint) + "\n")


def commit_name(run: Run, digits: int = 7) -> str:
    """Write the commit of a run; ``+`` behind it says that it is a captured working tree, which no branch has."""
    return run.commit[:digits] + ("+" if run.options.captured else "")


def follow_later(run: Run) -> str:
    """Write how to watch a run that goes on without whoever asked for it, to stand behind a line."""
    return f"; zenrepo runs {run.number} --follow"


def show_json(data: Any) -> None:
    """Print data for a machine."""
    import json  # noqa: PLC0415  (it costs 7 ms, and few look-ups are for a machine)

    show(json.dumps(data, indent=2, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in aligned columns.

    Args:
        columns: their heads.
        rows: a value for each column.
    """
    cells = [list(columns), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        line = "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        show(styled(line.rstrip(), BOLD, sys.stdout) if number == 0 else line.rstrip())


def _width(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width  # noqa: PLC0415  (likewise)

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def when(seconds: float | None) -> str:
    """Write a time of this machine's clock, to the minute."""
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def duration(seconds: float) -> str:
    """Write how long something took."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
