"""All that is uncommitted, as the commit that it would be."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from zenrepo.git import status
from zenrepo.git.command import clean_environment, git
from zenrepo.git.history import resolve

_LARGEST = 100_000_000
"""Bytes of changed files beyond which no commit is made just to look at it."""

_QUIETLY = ("-c", f"core.hooksPath={os.devnull}")
"""A hook of the user's that watches the index has nothing to see here."""


def as_commit(root: Path) -> str | None:
    """Make the commit that ``git add --all && git commit`` would make, which no ref reaches.

    The user's index stays as it is. Git forgets the commit by itself, as it forgets what was added and never committed.

    Args:
        root: a folder of the working tree; what is changed below it counts.

    Returns:
        Its id; ``None`` where nothing is changed, or where the changed files are so large that
        a look at them would cost more than it tells.
    """
    changed = [root / path for path in status.changed(root)]
    if not changed or sum(file.stat().st_size for file in changed if file.is_file()) > _LARGEST:
        return None
    index = Path(os.fsdecode(git(root, "rev-parse", "--path-format=absolute", "--git-path", "index")).rstrip("\n"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "index")
        if index.exists():
            shutil.copyfile(index, copy)
        environment = clean_environment() | {"GIT_INDEX_FILE": str(copy)}
        git(root, *_QUIETLY, "add", "--all", "--", ".", environment=environment)
        tree = git(root, "write-tree", environment=environment).decode().strip()
    head = resolve(root, "HEAD")
    name = ("-c", "user.name=zenrepo", "-c", "user.email=zenrepo@localhost")
    after = ("-p", head) if head else ()
    return git(root, *name, "commit-tree", tree, *after, "-m", "what is uncommitted").decode().strip()
