"""Tell what a run was asked for beside a pipeline and a commit, and find it by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal
from zenrepo.runs.named import number_of
from zenrepo.runs.options import Options


def run_number(text: str) -> int:
    """Read what a user types for a run: see `number_of`."""
    if text.isdecimal():
        return int(text)
    with Journal(locate().runs_db) as journal:
        return number_of(journal, text)


def told(options: Options) -> Iterator[str]:
    """Give the lines that tell a user of the wishes for a run."""
    if options.name:
        yield f"name: {options.name}"
    for key, text in options.settings.items():
        yield f"set: {key}={text}"
    if options.first and options.first == options.last:
        yield f"only: {options.first}"
    elif options.first or options.last:
        yield " ".join([f"from: {options.first}"] * bool(options.first) + [f"to: {options.last}"] * bool(options.last))


def plain(options: Options) -> dict[str, Any]:
    """Give the same for a machine."""
    return {
        "name": options.name,
        "settings": dict(options.settings),
        "from": options.first,
        "to": options.last,
    }
