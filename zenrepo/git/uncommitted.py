"""All that is uncommitted, as the tree and the commit that it would be; the user's index stays as it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from zenrepo.git import status
from zenrepo.git.command import clean_environment, git
from zenrepo.git.history import resolve
from zenrepo.values import NamedTuple

LARGEST = 100_000_000
"""Bytes of changed files beyond which no commit is made just to look at it."""

_BYTECODE = ":(exclude,glob)**/__pycache__/**"
"""What Python itself leaves behind, and writes anew when it likes, is nobody's work."""

_PRIVATELY = (
    "--no-literal-pathspecs",
    *("-c", f"core.hooksPath={os.devnull}"),  # a hook of the user's that watches the index has nothing to see here
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.splitIndex=false"),  # a split one would leave its other half beside the user's
    *("-c", "core.safecrlf=false"),  # the user's own files are not written
    *("-c", "advice.addEmbeddedRepo=false"),
)


class Changed(NamedTuple):
    """A file that differs from HEAD.

    Args:
        path: relative to the folder that was asked about.
        size: its bytes; 0 for one that is gone, and for what is no file.
    """

    path: str
    size: int


def changed(root: Path) -> list[Changed]:
    """List what differs from HEAD below a folder, files that git does not track too, and how large it is."""
    return [Changed(path, _size(root / path)) for path in status.changed(root)]


def unmerged(root: Path) -> list[str]:
    """Name the files below a folder whose conflicts are not solved."""
    listed = git(root, "ls-files", "--unmerged", "-z", "--", ".").split(b"\0")[:-1]
    return list(dict.fromkeys(os.fsdecode(entry.partition(b"\t")[2]) for entry in listed))


def tree(root: Path) -> str:
    """Write the tree that ``git add --all . && git commit`` would commit from a folder.

    Python's ``__pycache__`` is left out, ignored or not. What lies outside the folder is as HEAD has it, whatever is
    staged there. Git forgets the tree by itself where nothing comes to hold it.

    Args:
        root: a folder of the working tree.

    Returns:
        The tree's id.

    Raises:
        GitError: for what git cannot add: a file that cannot be read, a repository without a commit.
    """
    index = Path(os.fsdecode(git(root, "rev-parse", "--path-format=absolute", "--git-path", "index")).rstrip("\n"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "index")
        if index.exists():
            shutil.copy2(index, copy)  # by its time git knows which files may have changed right after it was written
        environment = clean_environment() | {"GIT_INDEX_FILE": str(copy)}
        git(root, *_PRIVATELY, "add", "--all", "--sparse", "--", ".", _BYTECODE, environment=environment)
        if git(root, "rev-parse", "--show-prefix").strip():
            outside = (*_PRIVATELY, "reset", "--quiet", "--", ":(top)", ":(exclude).")
            git(root, *outside, environment=environment)
        return git(root, *_PRIVATELY, "write-tree", environment=environment).decode().strip()


def commit(root: Path, tree: str, base: str | None, message: str) -> str:
    """Make a commit that no ref reaches.

    Args:
        root: a folder of the working tree.
        tree: the id of its tree.
        base: its parent; ``None`` for a first commit.
        message: of the commit.

    Returns:
        Its id.
    """
    name = ("-c", "user.name=zenrepo", "-c", "user.email=zenrepo@localhost")
    after = ("-p", base) if base else ()
    return git(root, *name, "commit-tree", tree, *after, "-m", message).decode().strip()


def as_commit(root: Path) -> str | None:
    """Make the commit that ``git add --all && git commit`` would make, which no ref reaches.

    Args:
        root: a folder of the working tree; what is changed below it counts.

    Returns:
        Its id; ``None`` where nothing is changed, or where the changed files are so large that
        a look at them would cost more than it tells.
    """
    found = changed(root)
    if not found or sum(file.size for file in found) > LARGEST:
        return None
    return commit(root, tree(root), resolve(root, "HEAD"), "what is uncommitted")


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() and not file.is_symlink() else 0
