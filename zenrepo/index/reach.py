"""Which rows of the index a commit's history has; followed from tip to tip, so that a look-up walks no history."""

from __future__ import annotations

from collections.abc import Sequence

from zenrepo.git import history
from zenrepo.git.history import Commit
from zenrepo.index.store import Index, Reach
from zenrepo.layout import Layout

_KEPT = 16
"""Tips whose answer is kept."""


def reach_of(index: Index, layout: Layout, tip: str, new: Sequence[Commit] = ()) -> Reach:
    """Find out which version rows a commit's history does not have, most often few; see `Index.unreached`.

    Args:
        index: caught up.
        layout: of the repository.
        tip: the commit.
        new: the commits that were just read, parents before children.
    """
    newest = index.newest_row()
    kept = index.reach(tip)
    if kept is None or kept.newest < newest:
        with index.writing():
            kept = _follow(index, layout, tip, new)
    return kept


def _follow(index: Index, layout: Layout, tip: str, new: Sequence[Commit]) -> Reach:
    newest = index.newest_row()
    kept = index.reach(tip)
    if kept is not None:  # what came since came from elsewhere
        index.change_reach(kept._replace(newest=newest), index.rows_after(kept.newest), ())
        return kept
    last = index.reach()
    came = _on_top(new, last.commit, tip) if last else None
    if last and came is not None:
        reach, missing, held = last, index.rows_after(last.newest), index.rows_of(came)
    else:
        reach, missing, held = _from_afar(index, layout, tip, last)
    reach = reach._replace(commit=tip, newest=newest)
    index.change_reach(reach, missing - held, held)
    return reach


def _from_afar(index: Index, layout: Layout, tip: str, last: Reach | None) -> tuple[Reach, set[int], set[int]]:
    """Start from the tip that was asked about last, or from nothing: which rows go and which come with the tip."""
    reach = index.keep_reach(tip, _KEPT)
    apart = history.apart(layout.folder, last.commit, tip) if last else None
    if last is None or apart is None:
        return reach, index.rows_after(0), index.rows_of(history.ancestors(layout.folder, tip))
    index.copy_unreached(last, reach)
    gone, came = (index.rows_of(commits) for commits in apart)
    return reach, gone | index.rows_after(last.newest), came


def _on_top(new: Sequence[Commit], old: str, tip: str) -> set[str] | None:
    """Give the commits by which a tip is ahead of an old one, if all of them are new and stand on that one alone."""
    parents = {commit.sha: commit.parents for commit in new}
    ahead: set[str] = set()
    waiting = [tip]
    while waiting:
        sha = waiting.pop()
        if sha == old or sha in ahead:
            continue
        if not parents.get(sha):
            return None
        ahead.add(sha)
        waiting += parents[sha]
    return ahead
