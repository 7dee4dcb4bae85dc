"""Which commits the user of a clone made in it with ``git commit``, as git's own log of HEAD says."""

from __future__ import annotations

import os

from zenrepo.git.command import attempt
from zenrepo.layout import Layout

_SQUASHED, _OWN = "squashed", "own-commits"
_NOTED = 99
_MADE, _AMENDED, _FIRST, _REVERTED = "commit: ", "commit (amend): ", "commit (initial): ", "revert: "
"""How git begins the entry of a commit that was typed; a merge, a cherry-pick, a rebase and a pull have other words."""

_ENTRIES = 500
"""How far back to look: a worker may take a commit in a while after it was made."""


def before_own_commit(layout: Layout, commit: str) -> str | None:
    """Give what HEAD was when the user committed.

    Args:
        layout: of the repository; the working tree in which the commit was made.
        commit: its id.

    Returns:
        The commit on which it was made, or that it amended; empty for the first of a repository. ``None`` where it was
        not made here by ``git commit``, where nobody can tell, or where it holds a squashed merge.
    """
    rows = _entries(layout, "HEAD", f"--max-count={_ENTRIES}")
    made = (n for n, (sha, how) in enumerate(rows) if sha == commit and how.startswith((_MADE, _AMENDED, _FIRST)))
    place = next(made, None)
    if place is None:
        return None
    earlier = [sha for sha, _ in rows[place + 1 :]]
    if rows[place][1].startswith(_FIRST):
        return None if earlier else ""
    return earlier[0] if earlier and earlier[0] != _squashed(layout) else None


def is_own_commit(layout: Layout, commit: str) -> bool:
    """Say whether the user made a commit in this clone, on any branch that is there.

    Git's log forgets after 90 days, so what was the user's own once is noted.
    """
    noted = _noted(layout)
    if commit in noted:
        return True
    rows = _entries(layout, "HEAD", "--branches")
    own = any(sha == commit and how.startswith((_MADE, _AMENDED, _FIRST)) for sha, how in rows)
    if own:
        _write(layout, _OWN, "\n".join([*noted[-_NOTED:], commit]))
    return own


def is_taken_over(layout: Layout, commit: str) -> bool:
    """Say whether a commit is somebody's whose changes the user put on top, as a cherry-pick does, and typed none."""
    hows = [how for sha, how in _entries(layout, "HEAD", f"--max-count={_ENTRIES}") if sha == commit]
    return bool(hows) and not any(how.startswith((_MADE, _AMENDED, _FIRST, _REVERTED)) for how in hows)


def _entries(layout: Layout, *which: str) -> list[tuple[str, str]]:
    """Read git's log of refs: each commit that one pointed to, newest first, and how it came there."""
    form = ("--walk-reflogs", "--no-show-signature", "--format=%H%x00%gs")
    text = attempt(layout.folder, "log", *form, *which, "--").stdout.decode("utf-8", "replace")
    pairs = (line.partition("\0") for line in text.split("\n")[:-1])
    return [(sha, how) for sha, _, how in pairs]


def note_squash(layout: Layout, head: str) -> None:
    """Remember that what is committed next on a commit comes from a branch that was merged with ``--squash``."""
    _write(layout, _SQUASHED, head)


def _squashed(layout: Layout) -> str:
    return _read(layout, _SQUASHED)


def _noted(layout: Layout) -> list[str]:
    return _read(layout, _OWN).split()


def _write(layout: Layout, name: str, text: str) -> None:
    os.makedirs(layout.own(), exist_ok=True)
    with open(layout.own(name), "w", encoding="ascii") as file:
        file.write(text)


def _read(layout: Layout, name: str) -> str:
    try:
        with open(layout.own(name), encoding="ascii") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""
