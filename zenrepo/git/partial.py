"""What a partial clone lacks, fetched in one go; git by itself fetches it one object at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable

from zenrepo.git.command import Folder, attempt

_HERE = "--git-dir=."
_LIST = ("rev-list", "--objects", "--no-walk", "--ignore-missing", "--missing=allow-any", "--stdin")
"""Prints those of the objects that are here; ``cat-file`` would fetch the others to look at them."""
_FETCH = (
    *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
    *("--no-auto-maintenance", "--recurse-submodules=no", "--filter=blob:none", "--stdin"),
)


def bring(common: Folder, blobs: Iterable[str]) -> None:
    """Fetch those of some blobs that a partial clone lacks; one that cannot be had is left to who reads it.

    Args:
        common: the git common directory.
        blobs: their ids.
    """
    if not _may_be_partial(common):
        return
    wanted = list(blobs)
    listed = attempt(common, _HERE, *_LIST, stdin=_lines(wanted)).stdout.decode()
    here = {line.split(" ")[0] for line in listed.splitlines()}
    missing = [blob for blob in wanted if blob not in here]
    if missing:
        for remote in _promisors(common):
            if attempt(common, _HERE, *_FETCH, remote, stdin=_lines(missing)).returncode == 0:
                return


def _may_be_partial(common: Folder) -> bool:
    """Look for the word in the settings, because a process that asks git costs every look-up."""
    config = os.path.join(common, "config")
    if not os.path.isfile(config):
        return False
    with open(config, "rb") as file:
        return b"promisor" in file.read().lower()


def _promisors(common: Folder) -> list[str]:
    """Name the remotes that promised to have what is missing."""
    listed = attempt(common, _HERE, "config", "--type=bool", "-z", "--get-regexp", r"^remote\..*\.promisor$").stdout
    pairs = (entry.partition("\n") for entry in listed.decode("utf-8", "surrogateescape").split("\0")[:-1])
    return [key.removeprefix("remote.").removesuffix(".promisor") for key, _, value in pairs if value == "true"]


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()
