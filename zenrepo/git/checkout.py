"""Write the files of a tree beside the working tree."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from zenrepo.git.command import clean_environment, git


def checkout(common: Path, tree: str, destination: Path) -> Path:
    """Write a tree's files beside the working tree, as ``git checkout`` would, filters and line ends included.

    The files are written to a folder of their own, which takes its name when it is whole; a checkout that is there
    already is whole and is used again.

    Args:
        common: the git common directory.
        tree: the tree.
        destination: the folder to make.

    Returns:
        The destination.
    """
    if destination.is_dir():
        return destination
    destination.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    try:
        worktree = beside / "files"
        worktree.mkdir()
        places = {"GIT_DIR": common, "GIT_WORK_TREE": worktree, "GIT_INDEX_FILE": beside / "index"}
        environment = clean_environment() | {name: str(place) for name, place in places.items()}
        git(worktree, "read-tree", tree, environment=environment)
        git(worktree, "checkout-index", "--all", environment=environment)
        try:
            worktree.rename(destination)
        except OSError:  # another process was faster
            if not destination.is_dir():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return destination
