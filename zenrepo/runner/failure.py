"""Says what went wrong in a step: the error's own words and the line of the user's source that it came from."""

from __future__ import annotations

import re
import traceback
from types import TracebackType

from zenrepo.errors import ZenrepoError
from zenrepo.steps.base import PINNED

NESTED = "Traceback (most recent call last)"
FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<name>\S+)')
BEAM = re.compile(r"\s*\[while running .*\][\"']?\s*$", re.DOTALL)
OURS = re.compile(r"^zenrepo\.errors\.\w+: (?P<message>.*?)(?:\nhint: (?P<hint>.*))?$", re.DOTALL)


def describe(error: BaseException, step: str, source_roots: list[str]) -> dict[str, str]:
    """Describe why a step failed.

    Args:
        error: what it raised.
        step: the step's name.
        source_roots: the folders that hold the user's sources.

    Returns:
        ``message`` (the error's type and text and the user's line, or a zenrepo error's own message), ``hint`` and
        ``traceback``, all of it.
    """
    full = "".join(traceback.format_exception(error))
    for known in _chain(error):
        if isinstance(known, ZenrepoError) and not BEAM.search(known.message):
            named = known.message if f"'{step}'" in known.message else f"step '{step}': {known.message}"
            return {"message": named, "hint": known.hint, "traceback": full}
    words, hint, ours = _words(error)
    line = "" if ours else _live_line(error, source_roots) or _written_line(full, source_roots)
    return {
        "message": f"step '{step}': {words}{f' ({line})' if line else ''}",
        "hint": hint,
        "traceback": full,
    }


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


def _last_raised(trace: str) -> str:
    """What stands below the frames of a traceback: the error's type and text."""
    lines = trace.strip().splitlines()
    last = max(i for i, line in enumerate(lines) if line.startswith(("Traceback", "  ")))
    return "\n".join(lines[last + 1 :])


def _live_line(error: BaseException, source_roots: list[str]) -> str:
    """The innermost line of the user's source in the tracebacks of the error and those it came from."""
    for one in reversed(_chain(error)):
        frames = [f for f in _frames(one.__traceback__) if _is_users(f[0], f[3], source_roots)]
        if frames:
            file, line, name, _ = frames[-1]
            return f"{_relative(file, source_roots)}:{line} in {name}"
    return ""


def _frames(trace: TracebackType | None) -> list[tuple[str, int, str, str]]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append((code.co_filename, trace.tb_lineno, code.co_name, trace.tb_frame.f_globals.get("__name__", "")))
        trace = trace.tb_next
    return frames


def _written_line(full: str, source_roots: list[str]) -> str:
    """The same from a traceback that is only text."""
    found = [m for m in FRAME.finditer(full) if _is_users(m["file"], "", source_roots)]
    if not found:
        return ""
    return f"{_relative(found[-1]['file'], source_roots)}:{found[-1]['line']} in {found[-1]['name']}"


def _is_users(file: str, module: str, source_roots: list[str]) -> bool:
    return module.startswith(PINNED) or any(file.startswith(f"{root.rstrip('/')}/") for root in source_roots)


def _relative(file: str, source_roots: list[str]) -> str:
    for root in source_roots:
        file = file.removeprefix(f"{root.rstrip('/')}/")
    return file
