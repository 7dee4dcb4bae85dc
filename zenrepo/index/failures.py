"""Which Python could not read a file: a newer one may find steps in it, in every commit that holds it."""

from __future__ import annotations

import sys

from zenrepo.index.store import Index

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor:02d}"
"""This Python, so that versions compare as text."""

_FAILED = "python that failed"


def may_read_more(index: Index) -> bool:
    """Say whether this Python is newer than one that could not read a blob: that blob may hold steps after all."""
    failed = oldest_failure(index)
    return "" < failed < PYTHON


def oldest_failure(index: Index) -> str:
    """Give the oldest Python that could not read a blob of the index; an empty string where there is none."""
    return index.note(_FAILED) or ""


def note_failure(index: Index, python: str) -> None:
    """Note the oldest Python that could not read a blob of the index; an empty string forgets them all."""
    index.keep_note(_FAILED, python)
