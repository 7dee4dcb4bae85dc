"""Which paths may stand in a tracked file: those that mean the same in every clone."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from zenrepo.errors import UsageError

SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
FILE: Final = re.compile(r"file:(?://[^/]*)?(?=/)", re.IGNORECASE)
HOME: Final = re.compile(r"~(?:/|[A-Za-z_][\w.-]*(?:/|\Z))")
DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")


def refuse_absolute(text: str, root: Path | None = None) -> None:
    """Refuse a path that starts from the root of a file system or from a home folder.

    Args:
        text: a value that may be a path. A single ``/``, as a separator, is none; an address such as
            ``gs://…`` is taken.
        root: the repository's folder, to say the relative path to use instead.

    Raises:
        UsageError: if it is absolute.
    """
    plain = unquote(FILE.sub("", text)) if FILE.match(text) else text
    absolute = (plain.startswith("/") and len(plain) > 1) or HOME.match(text) or DRIVE.match(text)
    if absolute or FILE.match(text):
        raise UsageError(f"absolute path '{text}'", _instead(plain, root))


def refuse_outside(text: str) -> None:
    """Refuse a relative path that leaves the repository.

    Args:
        text: a value that may be a path, relative to the repository's folder.

    Raises:
        UsageError: if its ``..`` lead out.
    """
    if not SCHEME.match(text) and posixpath.normpath(text).split("/")[0] == "..":
        raise UsageError(f"path '{text}' leaves the repository", "copy what it names into the repository")


def _instead(path: str, root: Path | None) -> str:
    path = posixpath.normpath(path)
    if root is not None and Path(path).is_relative_to(root):
        return f"use '{Path(path).relative_to(root).as_posix()}', relative to the repository"
    return "use a path relative to the repository, or an address such as 'gs://…'"
