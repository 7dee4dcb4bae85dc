"""Which rows of the index a commit's history has; followed from tip to tip, so that a look-up walks no history."""

from __future__ import annotations

import json

from zenrepo.git import history
from zenrepo.index.store import Index
from zenrepo.layout import Layout

_KEPT = 16
"""Tips whose answer is kept."""


def unreached(index: Index, layout: Layout, tip: str) -> set[int]:
    """Give the numbers of the version rows that a commit's history does not have; most often there are few.

    Args:
        index: caught up.
        layout: of the repository.
        tip: the commit.
    """
    newest = index.newest_row()
    kept = index.reach(tip)
    if kept is not None and kept[0] == newest:
        return set(json.loads(kept[1]))
    if kept is not None:  # what came since came from elsewhere
        missing = set(json.loads(kept[1])) | set(range(kept[0] + 1, newest + 1))
    else:
        missing = _from_another_tip(index, layout, tip, newest)
    with index.writing():
        index.keep_reach(tip, newest, json.dumps(sorted(missing)), _KEPT)
    return missing


def _from_another_tip(index: Index, layout: Layout, tip: str, newest: int) -> set[int]:
    """Follow the history from the tip that was asked about last, or from its beginning."""
    before = index.last_reach()
    if before and history.is_ancestor(layout.root, before[0], tip):
        old, last, text = before
        missing = set(json.loads(text)) | set(range(last + 1, newest + 1))
        return missing - index.rows_of(history.between(layout.root, old, tip))
    return set(range(1, newest + 1)) - index.rows_of(history.ancestors(layout.root, tip))
