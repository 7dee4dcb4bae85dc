"""What differs between the working tree and HEAD."""

from __future__ import annotations

import os
from pathlib import Path

from zenrepo.git.command import git


def changed(folder: Path, *, untracked: bool = True) -> list[str]:
    """List the files that differ from HEAD; ignored ones never count.

    Args:
        folder: a folder of the working tree; only files below it are listed.
        untracked: whether files that git does not track count.

    Returns:
        Paths relative to the folder.
    """
    output = git(
        folder,
        "--no-optional-locks",  # a question leaves the index as it is
        "status",
        "--porcelain=v1",
        "-z",
        f"--untracked-files={'all' if untracked else 'no'}",
        "--no-renames",
        "--",
        ".",
    )
    top = git(folder, "rev-parse", "--show-prefix").rstrip(b"\n")
    return [os.fsdecode(entry[3:].removeprefix(top)) for entry in output.split(b"\0") if entry]
