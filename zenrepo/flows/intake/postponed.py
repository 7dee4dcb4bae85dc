"""Commits that a hook has not taken in yet, or could not, while another process was writing the index.

Each has a file of its own until its runs are queued, so none is lost when a process is killed: the worker looks at what
is left, or the hook of the next commit does, so that runs are queued in the order of the commits.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from zlib import crc32

from zenrepo.errors import Damaged, Locked, Unwritable, ZenrepoError, unwritable
from zenrepo.flows.intake.ingest import TAG, Ingested, ingest_later
from zenrepo.flows.intake.received import Update, ingest_received, ingest_tags
from zenrepo.git import history
from zenrepo.git.locate import branch_of
from zenrepo.layout import Layout
from zenrepo.values import NamedTuple

PATIENCE = 3600.0
"""Seconds that the worker waits for the process that writes the index: a first one of a long history takes minutes."""


def postpone(layout: Layout, sha: str, old: str = "") -> str:
    """Keep a commit that HEAD points to for later.

    Args:
        layout: of the repository.
        sha: the commit.
        old: where a merge or a pull brought it: HEAD's commit before that.

    Returns:
        The file that says so.
    """
    branch = branch_of(layout.folder)
    return _keep(layout, sha, f"{history.branch(layout.folder) if branch is None else branch}\n{old}\n")


def forget(path: str) -> None:
    """Say that a commit waits no more; somebody else may have said so."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def _keep(layout: Layout, name: str, text: str) -> str:
    """Write a file, which is there whole or not at all, about what waits in a working tree."""
    folder = layout.own("postponed")
    os.makedirs(folder, exist_ok=True)
    beside = os.path.join(folder, f".{name}.{os.getpid()}")
    with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text + layout.folder)
    last = max(map(_kept_at, postponed(layout)), default=0)
    if _kept_at(beside) <= last:  # the clock is coarse, or went back
        os.utime(beside, ns=(last + 1, last + 1))
    kept = os.path.join(folder, name)
    os.replace(beside, kept)
    return kept


def _kept_at(path: str) -> int:
    """Give what the files that wait are ordered by; 0 where somebody has settled one a moment ago."""
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return 0


def postpone_update(layout: Layout, update: Update, event: str) -> None:
    """Keep what became of a ref for later.

    Args:
        layout: of the repository.
        update: of the ref.
        event: ``push``, or ``tag`` for a tag that was made in this clone.
    """
    _keep(layout, f"{update.new}.{crc32(os.fsencode(update.ref)):08x}", f"{update.ref}\n{update.old}\n:{event}\n")


def postponed(layout: Layout) -> list[str]:
    """Give the files of what waits, in the order in which it happened."""
    folder = layout.own("postponed")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return sorted((os.path.join(folder, name) for name in names if not name.startswith(".")), key=_kept_at)


class Waiting(NamedTuple):
    """What a file tells of.

    Args:
        ref: the branch that HEAD was on, empty where it was detached; the whole name of a ref that was updated.
        old: what that pointed to; empty for a commit that no merge or pull brought.
        event: that updated a ref; empty for a commit that HEAD points to.
        folder: where it happened.
    """

    ref: str
    old: str
    event: str
    folder: str


def settle_earlier(layout: Layout, note: str, patience: float) -> list[Ingested]:
    """Take in what waits in a working tree since before a commit: its runs are queued before those of the commit.

    Args:
        layout: of the repository.
        note: the commit's own file; empty where it has none.
        patience: seconds to wait for other processes.

    Returns:
        What came of it.

    Raises:
        Locked: where some of it goes on waiting; so must the commit.
    """
    waiting = postponed(layout)
    earlier = [path for path in waiting[: waiting.index(note) if note in waiting else None] if _is_of(layout, path)]
    done = _settle_all(layout, patience, earlier, lambda _: None) if earlier else []
    if any(map(os.path.exists, earlier)):
        raise Locked(f"'{earlier[0]}' waits")
    return done


def settle(layout: Layout, patience: float = PATIENCE) -> list[Ingested]:
    """Take in the commits that wait, in their order; of what they do not run the status will tell.

    Args:
        layout: of the repository.
        patience: seconds to wait for other processes.

    Returns:
        What came of those that some ref still reaches. Those that the patience did not suffice for go on waiting.
    """
    if not postponed(layout):
        return []
    from zenrepo.flows.intake.unrun import keep_unrun  # noqa: PLC0415  (hooks import this, and tell their user themselves)

    return _settle_all(layout, patience, None, lambda done: keep_unrun(layout, done))


def _settle_all(
    layout: Layout, patience: float, which: Sequence[str] | None, keep: Callable[[list[Ingested]], None]
) -> list[Ingested]:
    """Take in what some files tell of, or all that are there when it is this process's turn."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  (it brings asyncio in, and hooks import this)

    done: list[Ingested] = []
    try:
        with FileLock(layout.own("postponed.lock"), timeout=patience):  # a tag that two settle could run twice
            for path in postponed(layout) if which is None else which:
                done += _settle(layout, path, patience, keep)
    except (Locked, Timeout, Unwritable):  # what comes after it waits, too
        pass
    return done


def _settle(layout: Layout, path: str, patience: float, keep: Callable[[list[Ingested]], None]) -> list[Ingested]:
    """Take in what one file tells of, keep what came of it, and delete the file."""
    found = _read(path)
    if found is None:  # its hook has come to its end a moment ago
        return []
    sha = os.path.basename(path).partition(".")[0]
    try:
        done = _take_in(layout._replace(folder=found.folder), sha, found, patience)
    except (Damaged, Locked, Unwritable):
        raise
    except Exception as error:  # what fails once fails again, and must not keep the others waiting
        if isinstance(error, OSError) and (full := unwritable(error)):
            raise full from error
        known = error if isinstance(error, ZenrepoError) else ZenrepoError(repr(error))
        done = [Ingested(sha, [], [], [known])] if os.path.isdir(found.folder) else []  # else whoever made it is gone
    keep(done)
    forget(path)
    return done


def _take_in(layout: Layout, sha: str, found: Waiting, patience: float) -> list[Ingested]:
    if found.event:
        take = ingest_tags if found.event == TAG else ingest_received
        return take(layout, [Update(found.old, sha, found.ref)], patience)
    came = ingest_later(layout, sha, found.ref, patience, found.old)
    return [came] if came else []


def _is_of(layout: Layout, path: str) -> bool:
    found = _read(path)
    return found is not None and found.folder == layout.folder


def _read(path: str) -> Waiting | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            ref, old, folder = file.read().split("\n", 2)
    except FileNotFoundError:
        return None
    event, folder = folder[1:].split("\n", 1) if folder.startswith(":") else ("", folder)
    return Waiting(ref, old, event, folder)
