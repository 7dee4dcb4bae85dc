"""What went wrong in a clone while nobody looked, in sentences for its user."""

from __future__ import annotations

from collections.abc import Iterator

from zenrepo.errors import PipelineFileError
from zenrepo.flows.intake.postponed import postponed
from zenrepo.flows.intake.received import only_at_the_top
from zenrepo.flows.intake.seen import is_unseen
from zenrepo.flows.intake.unrun import unrun
from zenrepo.flows.planning.listing import listing
from zenrepo.flows.planning.stores import settings
from zenrepo.git import history, tree
from zenrepo.git.locate import has_worktree
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.user_config import load


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
    if has_worktree(layout):
        yield from (error.message for error in listing(layout).broken.values())
    yield from _broken_settings(layout)
    yield from unread_settings(layout)
    for path in sorted(layout.private.glob("*.broken-*")):
        if not path.name.endswith("-wal"):
            yield f"'{path}' was damaged; a new one has taken its place, and this one can be deleted"


def _broken_settings(layout: Layout) -> Iterator[str]:
    try:
        settings(layout)
    except PipelineFileError as error:
        yield f"nothing runs: {error.message}{f' ({error.hint})' if error.hint else ''}"


def unread_settings(layout: Layout) -> Iterator[str]:
    """Say that the user's own settings cannot be read, and of how many ends of runs nobody was told therefore.

    Args:
        layout: of the repository.
    """
    try:
        load()
    except PipelineFileError as error:
        with Journal(layout.runs_db) as journal:
            untold = len(journal.untold())
        ended = "a run that has ended" if untold == 1 else f"{untold} runs that have ended"
        news = f"; you were not told of {ended}, and will be when it is mended" if untold else ""
        yield f"your own settings are not in force: {error.message}{f' ({error.hint})' if error.hint else ''}{news}"
