"""Find runs by what their users call them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from zenrepo.errors import UnknownName, UsageError
from zenrepo.runs.journal import Journal, Run


def number_of(journal: Journal, text: str) -> int:
    """Find the run that a user means.

    Args:
        journal: of the clone.
        text: its number, which is not looked up; its name; or its pipeline and number, such as ``tea-4``, which
            lineage and ML Metadata call it by.

    Raises:
        UnknownName: if no run has the name.
        UsageError: if several have.
    """
    if text.isascii() and text.isdecimal():
        return int(text)
    runs = journal.runs()
    numbers = [run.number for run in runs if text and run.options.name == text]
    numbers = numbers or [run.number for run in runs if run.id == text]
    if not numbers:
        raise UnknownName("run", text, {run.options.name for run in runs} - {""}, "see 'zenrepo runs'")
    if len(numbers) > 1:
        listed = ", ".join(map(str, numbers))
        raise UsageError(
            f"{len(numbers)} runs are named '{text}': {listed}", f"give a number: {numbers[0]} is the newest"
        )
    return numbers[0]


def is_named(run: Run, glob: str | None) -> bool:
    """Say whether a run's name matches a glob; without one, every run does."""
    return glob is None or fnmatchcase(run.options.name, glob)
