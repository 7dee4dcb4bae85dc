"""What commands print: data on stdout, talk on stderr, text from commits with its control characters escaped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from zenrepo.errors import ZenrepoError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def clean(text: object) -> str:
    """Escape what could steer a terminal: control characters, and those that turn the direction of text."""
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in str(text))


def lines(text: str) -> str:
    """Escape a text of several lines, line by line."""
    return "\n".join(clean(line) for line in text.split("\n"))


def complain(error: ZenrepoError) -> None:
    """Show an error with its hint."""
    err.print(Text("error: ", "bold red") + Text(lines(error.message)))
    if error.hint:
        err.print(Text("hint: ", "bold") + Text(lines(error.hint)))


def say(text: str) -> None:
    """Tell the user something that is no data."""
    err.print(Text(lines(text)))


def show_json(data: Any) -> None:
    """Print data for a machine."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, last_wraps: bool = True) -> None:
    """Print rows in aligned columns.

    Args:
        columns: their heads.
        rows: a value for each column.
        last_wraps: whether the last column may take what is left of the line; in a pipe no line is cut.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=False)
    for number, column in enumerate(columns):
        is_last = number == len(columns) - 1
        table.add_column(column, no_wrap=not (is_last and last_wraps), overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row))
    if out.is_terminal:
        out.print(table)
    else:
        Console(file=sys.stdout, width=10_000, highlight=False, color_system=None).print(table)


def when(seconds: float | None) -> str:
    """Write a time of this machine's clock, to the minute."""
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def duration(seconds: float) -> str:
    """Write how long something took."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
