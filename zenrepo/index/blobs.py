"""Each distinct blob is read once: its facts are kept in the index by blob id."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from zenrepo.git import tree
from zenrepo.index.store import Index
from zenrepo.sources.facts import pack, unpack
from zenrepo.sources.model import ModuleFacts
from zenrepo.sources.read import read_module

_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor:02d}"
_REMEMBERED = 20_000


class Blobs:
    """The facts of blobs.

    Args:
        index: where they are kept.
        folder: a folder of the repository.
    """

    def __init__(self, index: Index, folder: Path) -> None:
        self._index = index
        self._folder = folder
        self.facts = lru_cache(_REMEMBERED)(self._facts)

    def read(self, blobs: Iterable[str]) -> None:
        """Read those of some blobs that were not read yet, all at once."""
        new = [blob for blob in dict.fromkeys(blobs) if self._kept(blob) is None]
        self._index.add_facts(
            (blob, pack(read_module(source)), _PYTHON) for blob, source in tree.contents(self._folder, new)
        )

    def _facts(self, blob: str) -> ModuleFacts:
        kept = self._kept(blob)
        if kept is None:
            self.read([blob])
            kept = self._kept(blob)
            assert kept is not None
        return kept

    def _kept(self, blob: str) -> ModuleFacts | None:
        """Look facts up; what an older Python could not read is read again by a newer one."""
        found = self._index.facts(blob)
        facts = unpack(found[0]) if found else None
        return None if found and facts and facts.error and found[1] < _PYTHON else facts
