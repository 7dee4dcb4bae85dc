"""Commits that a hook has not taken in yet, or could not, while another process was writing the index.

Each has a file of its own until its runs are queued, so none is lost when a process is killed: the worker looks at what
is left.
"""

from __future__ import annotations

import os
from contextlib import suppress
from zlib import crc32

from zenrepo.errors import Damaged, Locked, Unwritable, ZenrepoError
from zenrepo.flows.intake.ingest import TAG, Ingested, ingest_later
from zenrepo.flows.intake.received import Update, ingest_received, ingest_tags
from zenrepo.git import history
from zenrepo.git.locate import branch_of
from zenrepo.layout import Layout

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
    kept = os.path.join(folder, name)
    os.replace(beside, kept)
    return kept


def postpone_update(layout: Layout, update: Update, event: str) -> None:
    """Keep what became of a ref for later.

    Args:
        layout: of the repository.
        update: of the ref.
        event: ``push``, or ``tag`` for a tag that was made in this clone.
    """
    _keep(layout, f"{update.new}.{crc32(os.fsencode(update.ref)):08x}", f"{update.ref}\n{update.old}\n:{event}\n")


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
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
            done += _settle(layout, os.path.basename(path).partition(".")[0], text)
        except (Locked, Unwritable):
            break
        except FileNotFoundError:  # its hook has come to its end a moment ago
            continue
        except Damaged:
            raise
        except ZenrepoError:  # its working tree is gone, and whoever made the commit with it
            pass
        except Exception:
            forget(path)  # what fails once fails again, and must not keep other runs from being executed
            raise
        forget(path)
    return done


def _settle(layout: Layout, sha: str, text: str) -> list[Ingested]:
    branch, old, folder = text.split("\n", 2)
    if folder.startswith(":"):
        event, folder = folder[1:].split("\n", 1)
        take = ingest_tags if event == TAG else ingest_received
        return take(layout._replace(folder=folder), [Update(old, sha, branch)], PATIENCE)
    came = ingest_later(layout._replace(folder=folder), sha, branch, PATIENCE, old)
    return [came] if came else []
