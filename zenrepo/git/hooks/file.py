"""One git hook: zenrepo's file, and the hook that stood there before."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from itertools import count
from pathlib import Path

COMMON = "zenrepo.sh"
"""The part that the hooks share."""

_MARK = b"# zenrepo git hook"  # stands in the first two lines of every file of ours, in every release
_SHELL = re.compile(rb"#!\s*\S*(?:/|/env\s+)(?:ba|da|k|z|a)?sh(?:\s|$)")
_ASKS_ITS_NAME = re.compile(
    rb"basename|\$\{0##"  # which hook am I
    rb"|^\s*(?:\.|source)\s+\S*\$(?:\(dirname|\{0%)",  # and so may the script that it reads from beside it
    re.MULTILINE,
)
_NEEDS_ITS_FILE = re.compile(
    rb"^[^#\n]*\b(?:exec|python\S*|ruby|perl|node|sed|awk|grep|cat|tail)\b[^\n]*\$\{?0\b", re.MULTILINE
)


@dataclass(frozen=True)
class HookFile:
    """A hook's place in a hooks folder.

    Args:
        folder: the hooks folder.
        name: the hook, as git calls it.
    """

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """The file that git runs."""
        return self.folder / self.name

    @property
    def before(self) -> Path:
        """Where the hook is kept that stood here before, and runs first."""
        return self.folder / f"{self.name}.zenrepo-chained"

    @property
    def legacy(self) -> Path:
        """Where pre-commit and prek move a hook that they find, and run it from."""
        return self.folder / f"{self.name}.legacy"

    @property
    def seat(self) -> Path:
        """Where zenrepo's hook is, or belongs: behind another tool's where that moved it there."""
        behind = not is_ours(self.path) and os.path.lexists(self.path) and is_ours(self.legacy)
        return self.legacy if behind else self.path

    @property
    def installed(self) -> bool:
        """Whether zenrepo's hook is in its seat."""
        return is_ours(self.seat)


def place(hook: HookFile, shipped: bytes) -> str:
    """Put zenrepo's hook into its seat; what stands there is kept and runs first.

    Args:
        hook: the hook's place.
        shipped: zenrepo's hook.

    Returns:
        What the user should know, or an empty string.
    """
    seat, note = hook.seat, ""
    if not is_ours(seat) and os.path.lexists(seat):
        note = _free_place_before(hook)
        seat.rename(hook.before)
    elif seat == hook.legacy and _same_tool(hook.before, hook.path):
        hook.before.unlink()  # the tool's newer hook runs us now
    if _must_be_read(_content(hook.before)):
        shipped = shipped.replace(b"zenrepo_chain=run", b"zenrepo_chain=read")
    write(seat, shipped, executable=True)
    return note


def take_out(hook: HookFile) -> str:
    """Take zenrepo's hook out of its seat and put back what stood there before.

    Returns:
        What the user should know, or an empty string.
    """
    seat = hook.seat
    if seat == hook.legacy and _same_tool(hook.before, hook.path):
        hook.before.unlink()
    waiting = os.path.lexists(hook.before)
    if os.path.lexists(seat) and not is_ours(seat):
        replaced = f"hook '{hook.path}' was replaced by another tool; the one before it is '{hook.before}'"
        return replaced if waiting else ""
    if waiting:
        hook.before.replace(seat)
    else:
        seat.unlink(missing_ok=True)
    return ""


def is_ours(path: Path) -> bool:
    """Say whether a file is one of zenrepo's hooks, or their common part."""
    return any(line.startswith(_MARK) for line in _content(path).split(b"\n", 2)[:2])


def write(path: Path, content: bytes, *, executable: bool) -> None:
    """Write a file beside its place and put it there in one move, never through a symbolic link."""
    beside = path.with_name(f"{path.name}.zenrepo-new-{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.chmod(0o755 if executable else 0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def is_executable(path: Path) -> bool:
    """Say whether git would run a file: it looks at the executable bits."""
    return path.is_file() and bool(path.stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))


def _free_place_before(hook: HookFile) -> str:
    """Make room for another hook to run first: a tool replaced zenrepo's hook since it was installed."""
    if not os.path.lexists(hook.before):
        return ""
    if _content(hook.before) == _content(hook.path) or _same_tool(hook.before, hook.path):
        hook.before.unlink()
        return ""
    numbered = (Path(f"{hook.before}.{number}") for number in count(1))
    kept = next(path for path in numbered if not os.path.lexists(path))
    hook.before.rename(kept)
    return f"another tool replaced hook '{hook.name}'; the one before it is kept as '{kept}' and does not run"


def _same_tool(one: Path, other: Path) -> bool:
    """Say whether one tool generated two scripts, which says so in the second line of each."""
    lines = [_content(path).split(b"\n", 2)[1:2] for path in (one, other)]
    return lines[0] == lines[1] and any(b"generated" in line for line in lines[0])


def _must_be_read(script: bytes) -> bool:
    """Say whether a script asks its own name, and does not need to be the file of that name."""
    asks = bool(_SHELL.match(script) and _ASKS_ITS_NAME.search(script))
    return asks and not _NEEDS_ITS_FILE.search(script)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
