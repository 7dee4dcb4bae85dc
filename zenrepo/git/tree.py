"""The files of a tree and their content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from zenrepo.errors import GitError
from zenrepo.git.command import Folder, attempt, git
from zenrepo.git.links import LINK, reached

_SYMLINK = b"120000"


def files(folder: Folder, tree: str, *, under: str = "", links: bool = False) -> dict[str, str]:
    """List the files of a tree, without submodules.

    Args:
        folder: a folder of the repository.
        tree: a tree or commit.
        under: only files below this folder, ``""`` or ending in ``/``.
        links: whether symlinks are listed, with `LINK` before their blob id.

    Returns:
        The blob id by path, relative to ``under``.
    """
    arguments = ["ls-tree", "-r", "-z", "--full-tree", tree]
    return _listed(git(folder, *arguments, *(["--", under] if under else [])), under, links=links)


def reachable(folder: Folder, tree: str, *, under: str = "") -> dict[str, str]:
    """List the files of a tree, and those that its symlinks lead to under the names by which they do.

    Args:
        folder: a folder of the repository.
        tree: a tree or commit.
        under: only files below this folder, ``""`` or ending in ``/``; links may lead to the whole tree.

    Returns:
        The blob id by path, relative to ``under``.
    """
    listed = files(folder, tree, under=under, links=True)
    if not any(blob.startswith(LINK) for blob in listed.values()):
        return listed
    whole = files(folder, tree, links=True) if under else listed
    links = {path: blob.removeprefix(LINK) for path, blob in whole.items() if blob.startswith(LINK)}
    texts = dict(contents(folder, set(links.values())))
    names = reached(whole, {path: os.fsdecode(texts[blob]) for path, blob in links.items()})
    found = {path: blob for path, blob in whole.items() if path not in links}
    found |= {name: whole[goal] for name, goal in names.items()}
    return {path[len(under) :]: blob for path, blob in found.items() if path.startswith(under)}


def named(folder: Folder, tree: str, paths: Iterable[str]) -> dict[str, str]:
    """Give the blob ids of those of some files, by their paths from the top, that a tree or commit has."""
    return _listed(git(folder, "ls-tree", "-z", "--full-tree", tree, "--", *paths), "", links=False)


def _listed(output: bytes, under: str, *, links: bool) -> dict[str, str]:
    found = {}
    for entry in output.split(b"\0")[:-1]:
        info, _, name = entry.partition(b"\t")
        mode, _, blob = info.split(b" ")[:3]
        if mode.startswith(b"100") or (links and mode == _SYMLINK):
            found[os.fsdecode(name)[len(under) :]] = (LINK if mode == _SYMLINK else "") + blob.decode()
    return found


def contents(
    folder: Folder, blobs: Iterable[str], *, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Read blobs in one go.

    Args:
        folder: a folder of the repository.
        blobs: their ids.
        environment: for git, instead of the clean one.

    Yields:
        Each id with its content.

    Raises:
        GitError: for a blob that is not there.
    """
    wanted = list(blobs)
    for start in range(0, len(wanted), 1024):  # some megabytes of source at a time
        names = "\n".join(wanted[start : start + 1024]).encode() + b"\n"
        output = git(folder, "cat-file", "--batch", stdin=names, environment=environment)
        at = 0
        while at < len(output):
            end = output.index(b"\n", at)
            head = output[at:end].split(b" ")
            if len(head) != 3:
                raise GitError(["cat-file"], os.fsdecode(output[at:end]), "the clone lacks objects; run 'git fetch'")
            size = int(head[2])
            yield head[0].decode(), output[end + 1 : end + 1 + size]
            at = end + 2 + size


def holds(folder: Folder, commit: str, path: str) -> bool:
    """Say whether a commit has a file or folder at a path from the top; one that is not there has none."""
    return attempt(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{path}").returncode == 0


def identify(folder: Folder, names: Iterable[str]) -> list[str]:
    """Give the ids of objects, such as ``<commit>:<path>``; an empty string for one that is not there."""
    names = list(names)
    output = git(folder, "cat-file", "--batch-check=%(objectname)", stdin="\n".join([*names, ""]).encode())
    ids = output.decode("utf-8", "replace").split("\n")[: len(names)]
    return ["" if found.endswith((" missing", " ambiguous")) else found for found in ids]


def content(folder: Folder, blob: str) -> bytes:
    """Read one blob."""
    return git(folder, "cat-file", "blob", blob)
