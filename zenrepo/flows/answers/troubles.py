"""What went wrong in a clone while nobody looked, in sentences for its user."""

from __future__ import annotations

from collections.abc import Iterator

from zenrepo.flows.intake.postponed import postponed
from zenrepo.flows.intake.received import only_at_the_top
from zenrepo.flows.intake.seen import is_unseen
from zenrepo.flows.intake.unrun import unrun
from zenrepo.git import history, tree
from zenrepo.git.locate import has_worktree
from zenrepo.layout import Layout


def troubles(layout: Layout) -> Iterator[str]:
    """Say what somebody should look at: commits that queued nothing, files that were damaged.

    Args:
        layout: of the repository.
    """
    head = history.resolve(layout.folder, "HEAD") or ""
    waiting = len(postponed(layout))
    if waiting:
        what = "1 commit waits" if waiting == 1 else f"{waiting} commits wait"
        yield f"{what} to be looked at: 'zenrepo worker' queues what they run"
    elif is_unseen(layout, head):
        yield "no hook came to its end with HEAD, so nothing was queued: 'zenrepo impact HEAD' says what it would run"
    yield from map(str, unrun(layout))
    if head and not has_worktree(layout) and (error := only_at_the_top(tree.files(layout.folder, head))):
        yield f"{error.message}: {error.hint}"
    for path in sorted(layout.private.glob("*.broken-*")):
        if not path.name.endswith("-wal"):
            yield f"'{path}' was damaged; a new one has taken its place, and this one can be deleted"
