"""What differs between the working tree and HEAD."""

from __future__ import annotations

import os
from pathlib import Path

from zenrepo.git.command import git


def changed(folder: Path) -> list[str]:
    """List the files that differ from HEAD, untracked ones included and ignored ones not.

    Args:
        folder: a folder of the working tree; only files below it are listed.

    Returns:
        Paths relative to the folder.
    """
    output = git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", ".")
    top = git(folder, "rev-parse", "--show-prefix").rstrip(b"\n")
    return [os.fsdecode(entry[3:].removeprefix(top)) for entry in output.split(b"\0") if entry]
