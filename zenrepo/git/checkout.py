"""Write the files of a tree beside the working tree."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from zenrepo.errors import GitError, ZenrepoError
from zenrepo.git import tree as trees
from zenrepo.git.command import attempt, clean_environment, git
from zenrepo.git.links import follow

_SAFELY = {
    "core.protectHFS": "true",  # what is .git on another file system is refused here, too
    "core.protectNTFS": "true",
    "core.fsmonitor": "false",  # the rest: nothing is started and nothing left out
    "core.hooksPath": os.devnull,
    "submodule.recurse": "false",
}


def checkout(common: Path, tree: str, destination: Path) -> Path:
    """Write a tree's files beside the working tree, as ``git checkout`` would, filters and line ends included.

    The files are written to a folder of their own, which takes its name when it is whole; a checkout that is there
    already is whole and is used again. A submodule is an empty folder.

    Args:
        common: the git common directory.
        tree: the id of the tree.
        destination: the folder to make.

    Returns:
        The destination.

    Raises:
        ZenrepoError: if the tree holds what could lead out of the folder: a path through ``..`` or ``.git``, however
            it is spelled, an absolute path, or a symlink that leaves the tree. Nothing is written then.
        GitError: if git cannot write it; nothing stays behind.
    """
    if destination.is_dir():
        return destination
    _refuse_links_out(common, tree)
    destination.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    try:
        worktree = beside / "files"
        worktree.mkdir()
        _write(common, tree, worktree, beside / "index")
        try:
            worktree.rename(destination)
        except OSError:  # another process was faster
            if not destination.is_dir():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return destination


def _write(common: Path, tree: str, worktree: Path, index: Path) -> None:
    """Let git write the files; it refuses every path that it would not take into its index."""
    places = {"GIT_DIR": common, "GIT_WORK_TREE": worktree, "GIT_INDEX_FILE": index}
    environment = clean_environment() | {name: str(place) for name, place in places.items()} | {"LC_ALL": "C"}
    settings = [part for name, value in _SAFELY.items() for part in ("-c", f"{name}={value}")]
    arguments = ["read-tree", "-m", "-u", "--no-sparse-checkout", tree]
    done = attempt(worktree, *settings, *arguments, environment=environment)
    if done.returncode:
        message = os.fsdecode(done.stderr)
        refused = message.partition("invalid path ")[2].partition("\n")[0]
        if refused:
            raise _unsafe(tree, refused, "git itself takes no such path")
        raise GitError(arguments, message)


def links_out(common: Path, tree: str) -> dict[str, str]:
    """Give the symlinks of a tree that lead out of it, over however many others: the target of each by its path."""
    links = _links(common, tree)
    return {path: target for path, target in links.items() if follow(path, links.get) is None}


def _refuse_links_out(common: Path, tree: str) -> None:
    for path, target in links_out(common, tree).items():
        raise _unsafe(tree, f"'{path}'", f"it is a symlink out of the tree, to '{target}'")


def _links(common: Path, tree: str) -> dict[str, str]:
    """Give the target of each symlink of a tree by its path."""
    environment = clean_environment() | {"GIT_DIR": str(common)}
    listed = git(common, "ls-tree", "-r", "-z", "--full-tree", tree, environment=environment)
    blobs = {}
    for entry in listed.split(b"\0")[:-1]:
        info, _, path = entry.partition(b"\t")
        mode, _, blob = info.decode().split(" ")[:3]
        if mode == "120000":
            blobs[os.fsdecode(path)] = blob
    targets = dict(trees.contents(common, set(blobs.values()), environment=environment))
    return {path: os.fsdecode(targets[blob]) for path, blob in blobs.items()}


def _unsafe(tree: str, path: str, reason: str) -> ZenrepoError:
    return ZenrepoError(
        f"tree {tree[:12]} cannot be checked out, because of {path}: {reason}",
        f"take {path} out of the commit; a path to data outside belongs into the pipeline file",
    )
