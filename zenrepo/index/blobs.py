"""Each distinct blob is read once: its facts are kept in the index by blob id."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping

from zenrepo.git import tree
from zenrepo.git.command import Folder
from zenrepo.git.links import LINK
from zenrepo.git.partial import bring
from zenrepo.index.failures import PYTHON, note_failure, oldest_failure
from zenrepo.index.store import Index
from zenrepo.sources.facts import is_current, pack, unpack
from zenrepo.sources.model import ModuleFacts
from zenrepo.sources.read import read_module

_REMEMBERED = 4_000
_NEWEST = "9"
_TARGET = "symlink"
_CLASSLESS = ""
"""Kept in the place of the facts of a blob that has no class in it, until somebody asks for them."""


class Blobs:
    """The facts of blobs.

    Parsing is what costs: a blob without the word ``class`` defines no step, and is parsed only once a step imports it.

    Args:
        index: where the facts are kept.
        folder: a folder of the repository.
        common: its git common directory.
    """

    def __init__(self, index: Index, folder: Folder, common: Folder) -> None:
        self._index = index
        self._folder = folder
        self._common = common
        self._failed: str | None = None
        self._classless: dict[str, bool] = {}
        self._remembered: dict[str, ModuleFacts] = {}

    def read(self, blobs: Iterable[str], imported: Container[str] = ()) -> None:
        """Look at those of some blobs that were not looked at yet, all at once.

        Args:
            blobs: the blobs.
            imported: those among them that are parsed in any case.
        """
        wanted = list(dict.fromkeys(blob for blob in blobs if blob not in self._classless))
        for blob, facts, python in self._index.facts(wanted):
            if facts == _CLASSLESS or (is_current(facts) and not ("" < python < PYTHON)):
                self._classless[blob] = facts == _CLASSLESS
                self._note(python)
        new = [blob for blob in wanted if blob not in self._classless]
        if new:
            bring(self._common, new)
            with _without_collecting():
                self._index.add_facts(self._looked_at(tree.contents(self._folder, new), imported))

    def parse(self, blobs: Collection[str]) -> None:
        """Read some blobs as Python, whatever is in them."""
        self.read(blobs, imported=blobs)
        marked = [blob for blob, facts, _ in self._index.facts(list(blobs)) if facts == _CLASSLESS]
        if marked:
            self._index.add_facts(self._read(blob, source) for blob, source in tree.contents(self._folder, marked))

    def facts(self, blob: str) -> ModuleFacts:
        """Give the facts of a blob."""
        if blob not in self._remembered:
            self.parse([blob])
        if blob not in self._remembered:
            [(_, facts, _)] = self._index.facts([blob])
            self._remember(blob, unpack(facts))
        return self._remembered[blob]

    def facts_of_sources(self, sources: Mapping[str, bytes]) -> dict[str, ModuleFacts]:
        """Give the facts of sources that are no blobs of the repository, by the digests that name them here."""
        kept = {
            digest: unpack(facts)
            for digest, facts, python in self._index.facts(list(sources))
            if is_current(facts) and not ("" < python < PYTHON)
        }
        new = [digest for digest in sources if digest not in kept]
        if new:
            with _without_collecting():
                rows = [self._read(digest, sources[digest]) for digest in new]
            self._index.add_facts(rows)
        return kept | {digest: self.facts(digest) for digest in new}

    def has_classes(self, blob: str) -> bool:
        """Say whether a blob may define a class."""
        if blob not in self._classless:
            self.read([blob])
        return not self._classless[blob]

    def targets(self, files: Mapping[str, str]) -> dict[str, str]:
        """Give what the symlinks among some files point to, by path.

        Args:
            files: blob id by path.
        """
        links = {path: blob.removeprefix(LINK) for path, blob in files.items() if blob.startswith(LINK)}
        kept = {blob: text for blob in links.values() if (text := self._index.note(_TARGET, blob)) is not None}
        new = sorted(set(links.values()) - set(kept))
        if new:
            bring(self._common, new)
            for blob, target in tree.contents(self._folder, new):
                kept[blob] = target.hex()
                self._index.keep_note(_TARGET, kept[blob], blob)
        return {path: os.fsdecode(bytes.fromhex(kept[blob])) for path, blob in links.items()}

    def _looked_at(
        self, sources: Iterable[tuple[str, bytes]], imported: Container[str]
    ) -> Iterator[tuple[str, str, str]]:
        for blob, source in sources:
            self._classless[blob] = b"class" not in source
            parse = blob in imported or not self._classless[blob]
            yield self._read(blob, source) if parse else (blob, _CLASSLESS, "")

    def _read(self, blob: str, source: bytes) -> tuple[str, str, str]:
        """Read a blob as Python, and write it as a row; where that fails, a newer Python may try again."""
        facts = read_module(source)
        self._remember(blob, facts)
        python = PYTHON if facts.error else ""
        self._note(python)
        return blob, pack(facts), python

    def _note(self, python: str) -> None:
        """Note the oldest Python that could not read a blob of the index; see `may_read_more`."""
        if python and python < (self._failed or _NEWEST):
            self._failed = min(python, oldest_failure(self._index) or python)
            note_failure(self._index, self._failed)

    def _remember(self, blob: str, facts: ModuleFacts) -> None:
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[blob] = facts


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the collector from looking through syntax trees, which hold no cycles: a fifth of the time of parsing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
