"""The lock files of a commit's environment: a step may give another result when a library is another one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from zenrepo.errors import UsageError
from zenrepo.git import tree
from zenrepo.layout import CONFIG, Layout

WELL_KNOWN: Final = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "pylock.toml",
    "requirements.txt",
    "requirements.lock",
)
"""The names of lock files that are looked for where the settings name none."""


def locks(layout: Layout, commit: str, files: Mapping[str, str], wanted: Sequence[str] | None) -> dict[str, str]:
    """Find the lock files of a commit.

    Args:
        layout: of the repository.
        commit: the commit.
        files: its files in the repository's folder, with their blobs.
        wanted: globs of lock files, from that folder; ``None`` for those of well-known names, there and at the top.

    Returns:
        The digest of each, its blob's id, by its path from the repository's folder.

    Raises:
        UsageError: for a glob that matches no file of the commit, for what it should watch would go unnoticed.
    """
    if wanted is None:
        own = {name: files[name] for name in WELL_KNOWN if name in files}
        return own | (_at_the_top(layout, commit) if layout.prefix else {})
    found: dict[str, str] = {}
    for glob in wanted:
        matching = {path: blob for path, blob in files.items() if matches_glob(path.split("/"), glob.split("/"))}
        if not matching:
            raise UsageError(
                f"{CONFIG} names the lock file '{glob}' as the environment, and commit {commit[:12]} tracks none such",
                "mend the path, commit the file, or leave 'environment' out for the lock files of well-known names",
            )
        found |= matching
    return found


def _at_the_top(layout: Layout, commit: str) -> dict[str, str]:
    up = os.path.relpath(".", layout.prefix)
    return {f"{up}/{name}": blob for name, blob in tree.named(layout.common, commit, WELL_KNOWN).items()}


def matches_glob(path: list[str], glob: list[str]) -> bool:
    """Say whether a path matches a glob, part by part; ``**`` stands for any number of folders."""
    if not glob:
        return not path
    if glob[0] == "**":
        return any(matches_glob(path[start:], glob[1:]) for start in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], glob[0]) and matches_glob(path[1:], glob[1:])
