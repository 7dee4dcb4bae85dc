"""Has runs call ML Metadata one at a time, those of all clones that share a store.

On SQLite it waits two seconds for another's write, and then fails. A call takes a millisecond or two, so waiting in
line costs nothing to speak of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock
from ml_metadata.metadata_store import metadata_store

_POLL = 0.002
"""Seconds between two looks at a lock that is held: of the order of a call."""

_connect = metadata_store.MetadataStore.__init__
_call = metadata_store.MetadataStore._call_method  # noqa: SLF001  (ML Metadata has no hook around its calls)


def settle(store: Path) -> None:
    """Have every connection of this process wait in line.

    Args:
        store: ML Metadata's file; the lock stands beside it.
    """
    place = store.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    line = FileLock(place.with_name(f"{place.name}.lock"), poll_interval=_POLL)

    def connect(self: Any, *arguments: Any, **named: Any) -> None:
        with line:  # the first connection makes the tables
            _connect(self, *arguments, **named)

    def call(self: Any, *arguments: Any) -> None:
        with line:
            _call(self, *arguments)

    metadata_store.MetadataStore.__init__ = connect
    metadata_store.MetadataStore._call_method = call  # noqa: SLF001  (likewise)
