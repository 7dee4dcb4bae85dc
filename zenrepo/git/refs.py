"""Where the refs of a repository point."""

from __future__ import annotations

import os

from zenrepo.git.command import Folder, attempt
from zenrepo.values import NamedTuple

QUESTION = ("HEAD", "--branches", "--remotes", "--tags", "--symbolic", "--glob=refs/replace/")
"""What to ask ``git rev-parse`` about the refs; `read_answer` reads it. Before the first commit it fails."""

_HISTORY = (b"HEAD", b"refs/heads/", b"refs/remotes/", b"refs/tags/")


class Refs(NamedTuple):
    """Where the refs point.

    Args:
        head: the commit that HEAD points to; ``None`` before the first.
        tips: what HEAD, branches, remote branches and tags point to; other refs (stashes, notes, another tool's) are no
            part of a history.
        grafts: where history is cut off (a shallow clone) or replaced (``git replace``): with other grafts, the same
            tips have another history.
    """

    head: str | None
    tips: frozenset[str]
    grafts: str


def look(folder: Folder, common: Folder) -> Refs:
    """Look at the refs.

    Args:
        folder: a folder of the working tree, whose own HEAD counts.
        common: the git common directory.
    """
    done = attempt(folder, "rev-parse", *QUESTION)
    answer = read_answer(os.fsdecode(done.stdout), os.fspath(common)) if done.returncode == 0 else None
    return answer or _look_at_each(folder, os.fspath(common))


def read_answer(answer: str, common: str) -> Refs | None:
    """Read what git said to `QUESTION`.

    Args:
        answer: a line for HEAD, for each branch and tag, and for each replaced object.
        common: the git common directory.

    Returns:
        Where the refs point; ``None`` where objects are replaced, because the answer does not say by what.
    """
    head, *tips = answer.split()
    if tips and tips[-1].startswith("refs/replace/"):
        return None
    return Refs(head, frozenset([head, *tips, *_heads(common)]), _cut_off(common))


def _look_at_each(folder: Folder, common: str) -> Refs:
    lines = attempt(folder, "show-ref", "--head").stdout.split(b"\n")[:-1]
    found = {name: sha.decode() for sha, _, name in (line.partition(b" ") for line in lines)}
    tips = {sha for name, sha in found.items() if name.startswith(_HISTORY)} | _heads(common)
    replaced = sorted(f"{os.fsdecode(name)} {sha}" for name, sha in found.items() if name.startswith(b"refs/replace/"))
    grafts = "\n".join([*filter(None, [_cut_off(common)]), *replaced])
    return Refs(found.get(b"HEAD"), frozenset(tips), grafts)


def _cut_off(common: str) -> str:
    """Name the commits that a shallow clone holds without their parents."""
    return "\n".join(sorted(_read(f"{common}/shallow").split()))


def _heads(common: str) -> set[str]:
    """Give the detached HEADs of all working trees, which share the index."""
    linked = f"{common}/worktrees"
    names = os.listdir(linked) if os.path.isdir(linked) else []
    texts = [_read(f"{common}/HEAD"), *(_read(f"{linked}/{name}/HEAD") for name in names)]
    return {text.strip() for text in texts if text and not text.startswith("ref:")}


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""
