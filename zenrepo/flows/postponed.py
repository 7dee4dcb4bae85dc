"""Commits that a hook could not take in, because another process was writing the index: kept for the worker.

Each has a file of its own until its runs are queued, so none is lost when a process is killed.
"""

from __future__ import annotations

import os

from zenrepo.errors import Locked, ZenrepoError
from zenrepo.flows.ingest import Ingested, ingest_later
from zenrepo.git import history
from zenrepo.layout import Layout

PATIENCE = 3600.0
"""Seconds that the worker waits for the process that writes the index: a first one of a long history takes minutes."""


def postpone(layout: Layout, sha: str, old: str = "") -> None:
    """Keep a commit that HEAD points to for later.

    Args:
        layout: of the repository.
        sha: the commit.
        old: where a merge or a pull brought it: HEAD's commit before that.
    """
    folder = layout.own("postponed")
    os.makedirs(folder, exist_ok=True)
    beside = os.path.join(folder, f".{sha}.{os.getpid()}")
    with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{history.branch(layout.folder)}\n{old}\n{layout.folder}")
    os.replace(beside, os.path.join(folder, sha))


def postponed(layout: Layout) -> list[str]:
    """Give the files of the commits that wait."""
    folder = layout.own("postponed")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [os.path.join(folder, name) for name in names if not name.startswith(".")]


def settle(layout: Layout) -> list[Ingested]:
    """Take in the commits that wait; only the one worker of a clone may call this.

    Args:
        layout: of the repository.

    Returns:
        What came of those that some ref still reaches. Those that the patience did not suffice for go on waiting.
    """
    done = []
    for path in postponed(layout):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            branch, old, folder = file.read().split("\n", 2)
        try:
            came = ingest_later(layout._replace(folder=folder), os.path.basename(path), branch, PATIENCE, old)
        except Locked:
            break
        except ZenrepoError:  # its working tree is gone, and whoever made the commit with it
            came = None
        done += [came] if came else []
        os.unlink(path)
    return done
