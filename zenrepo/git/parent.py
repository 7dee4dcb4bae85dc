"""Which git command a hook runs behind."""

from __future__ import annotations

import os

from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # hooks import this
    from collections.abc import Sequence

_VALUED = frozenset(["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--super-prefix"])
_FURTHEST = 16
"""Processes between a hook and git at the most: shells, and tools that run other tools' hooks."""


def git_command(pid: int | None = None) -> str:
    """Name the git command that a process was started by: ``tag``, ``fetch``; empty where none is found.

    Args:
        pid: of the process; this one by default.
    """
    found = os.getppid() if pid is None else _describe(pid)[0]
    for _ in range(_FURTHEST):
        if found <= 1:
            break
        parent, words = _describe(found)
        name = os.path.basename(words[0]) if words else ""
        if name == "git":
            return _sub_command(words[1:])
        if name.startswith("git-"):
            return name.removeprefix("git-")
        found = parent
    return ""


def _sub_command(words: Sequence[str]) -> str:
    rest = iter(words)
    for word in rest:
        if word in _VALUED:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return ""


def _describe(pid: int) -> tuple[int, list[str]]:
    """Give the parent of a process and the words of its command line; 0 and none where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            parent = int(file.read().rpartition(")")[2].split()[1])  # its name stands in front
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="surrogateescape") as file:
            return parent, file.read().rstrip("\0").split("\0")
    except OSError:
        return (0, []) if os.path.isdir("/proc/self") else _asked(pid)


def _asked(pid: int) -> tuple[int, list[str]]:
    import subprocess  # noqa: PLC0415  (it costs a hook 10 ms, and Linux needs none)

    command = ["ps", "-o", "ppid=,args=", "-p", str(pid)]
    parent, _, words = (
        subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().partition(" ")
    )
    return (int(parent), words.split()) if parent.isdecimal() else (0, [])
