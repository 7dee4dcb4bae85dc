"""Says what went wrong in a step: the error's own words and the line of the user's source that it came from."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from zenrepo.errors import DataError, PinError, UsageError, ZenrepoError
from zenrepo.sources.modules import ORIGIN
from zenrepo.steps.base import PINNED

NESTED = "Traceback (most recent call last)"
FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<name>\S+)')
BEAM = re.compile(r"\s*\[while running .*\][\"']?\s*$", re.DOTALL)
FINAL = (UsageError, DataError, PinError)
"""What trying again does not cure."""

FINAL_TEXT = re.compile(r"zenrepo\.errors\.(?:Usage|UnknownName|StepArgument|PipelineFile|Data|Pin)(?:Error)?: ")
"""The same in a text, as Beam hands errors on."""

OURS = re.compile(r"^zenrepo\.errors\.\w+: (?P<message>.*?)(?:\nhint: (?P<hint>.*))?$", re.DOTALL)


def describe(
    error: BaseException, step: str, source_roots: list[str], checkout: str = "", repository: str = ""
) -> dict[str, Any]:
    """Describe why a step failed.

    Args:
        error: what it raised.
        step: the step's name.
        source_roots: the folders that hold the user's sources.
        checkout: the folder that they all are in; what the frame's file is relative to.
        repository: the folder of the working tree that it is a copy of.

    Returns:
        ``message`` (the error's type and text and the user's line, or a zenrepo error's own message), ``hint``,
        ``traceback``, all of it, and ``frame``, the innermost line of the user's source: ``file``, ``line``,
        ``function`` and, where the step is pinned, the ``commit`` that the file is of; empty where there is none.
        ``final`` is whether it would fail of the same if it were tried again.
    """
    full = "".join(traceback.format_exception(error))
    frame = _innermost(error, source_roots)
    told = {"traceback": full, "frame": frame.plain(checkout) if frame else {}}
    for known in _chain(error):
        if isinstance(known, ZenrepoError) and not BEAM.search(known.message):
            named = known.message if f"'{step}'" in known.message else f"step '{step}': {known.message}"
            return {"message": named, "hint": known.hint, **told, "final": isinstance(known, FINAL)}
    words, hint, ours = _words(error)
    line = f" ({frame.text(source_roots)})" if frame and not ours else ""
    if repository:
        hint = hint or _left_out(error, source_roots, checkout, repository)
    final = ours and bool(FINAL_TEXT.search(str(error)))
    return {"message": f"step '{step}': {words}{line}", "hint": hint, **told, "final": final}


class Frame(NamedTuple):
    """A line of a traceback.

    Args:
        file: as the code names it.
        line: from 1.
        function: its name.
        module: the module's name; empty where only the traceback's text is known.
    """

    file: str
    line: int
    function: str
    module: str = ""

    def is_users(self, source_roots: list[str]) -> bool:
        """Say whether it is in the user's sources, today's or those of a commit."""
        if self.module.startswith(PINNED) or self.file.startswith(ORIGIN):
            return True
        return any(self.file.startswith(f"{root.rstrip('/')}/") for root in source_roots)

    def text(self, source_roots: list[str]) -> str:
        """Write it in a line."""
        return f"{_relative(self.file, source_roots)}:{self.line} in {self.function}"

    def plain(self, checkout: str) -> dict[str, Any]:
        """Give it as what JSON can hold."""
        place, commit = _relative(self.file, [checkout]) if checkout else self.file, ""
        if self.file.startswith(ORIGIN):
            commit, _, place = self.file.removeprefix(ORIGIN).partition("/")
        return {"file": place, "line": self.line, "function": self.function, "commit": commit}


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and those it came from, newest first; AutoGraph and Beam wrap what a step raised."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def _words(error: BaseException) -> tuple[str, str, bool]:
    """What the user's code raised, without what Beam and AutoGraph put around it.

    Returns:
        Its type and text, a hint, and whether it is one of zenrepo's own.
    """
    text = str(error)
    if NESTED in text:  # Beam hands on an error in its pipeline as text
        raised = _last_raised(BEAM.sub("", text[text.rindex(NESTED) :]))
        ours = OURS.match(raised)
        return (ours["message"], ours["hint"] or "", True) if ours else (raised, "", False)
    inner = error.__cause__ or error.__context__
    if inner is not None and (text.startswith("in user code:") or BEAM.search(text)):
        return _words(inner)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__, "", False


def _left_out(error: BaseException, source_roots: list[str], checkout: str, repository: str) -> str:
    """Say what to do where an import misses a file that the working tree has, and the commit has not."""
    missing = (e.name for e in _chain(error) if isinstance(e, ModuleNotFoundError) and e.name)
    for name in missing:
        for root in source_roots:
            place = Path(os.path.relpath(root, checkout), *name.split("."))
            for file in (place.with_suffix(".py"), place / "__init__.py"):
                if Path(repository, file).exists():
                    return _way_to_add(file, repository)
    return ""


def _way_to_add(file: Path, repository: str) -> str:
    for folder in list(file.parents)[:-1]:
        if Path(repository, folder, ".git").exists():
            return (
                f"'{folder}' is a repository of its own, whose files are not in the commit: install it as a package, "
                "or copy them into this repository"
            )
    return f"'{file}' is not in the commit: 'git add' it, with '--force' where git ignores it"


def _last_raised(trace: str) -> str:
    """What stands below the frames of a traceback: the error's type and text."""
    lines = trace.strip().splitlines()
    last = max(i for i, line in enumerate(lines) if line.startswith(("Traceback", "  ")))
    return "\n".join(lines[last + 1 :])


def _innermost(error: BaseException, source_roots: list[str]) -> Frame | None:
    """The innermost line of the user's source; what was raised first knows best."""
    for one in reversed(_chain(error)):
        frames = [*_frames(one.__traceback__), *_written(str(one))]
        if isinstance(one, SyntaxError) and one.filename:
            frames.append(Frame(one.filename, one.lineno or 1, "<module>"))
        theirs = [frame for frame in frames if frame.is_users(source_roots)]
        if theirs:
            return theirs[-1]
    return None


def _written(text: str) -> list[Frame]:
    """The frames of a traceback that is only text, as Beam and AutoGraph hand it on."""
    return [Frame(found["file"], int(found["line"]), found["name"]) for found in FRAME.finditer(text)]


def _frames(trace: TracebackType | None) -> list[Frame]:
    frames = []
    while trace is not None:
        code, module = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "")
        frames.append(Frame(code.co_filename, trace.tb_lineno, code.co_name, str(module)))
        trace = trace.tb_next
    return frames


def _relative(file: str, folders: list[str]) -> str:
    for folder in folders:
        file = file.removeprefix(f"{folder.rstrip('/')}/")
    return file
