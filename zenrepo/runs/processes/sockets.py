"""The folders of the sockets of warm parents and of a worker's bell: each is locked by its owner as long as that lives.

The system lets go of the lock when the owner ends, however it does, and whoever makes such a folder next removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "zenrepo-"
LOCK = "zenrepo.lock"
_LONGEST = 80
"""Characters of a folder in which a socket can still be named: systems allow 103 or 107 in all."""


class Sockets:
    """A folder for sockets, with a short path, of this user and this process alone.

    Attributes:
        folder: its path.
    """

    def __init__(self) -> None:
        _remove_left_behind()
        self.folder = tempfile.mkdtemp(prefix=PREFIX, dir=_places()[0])
        beside = Path(self.folder, "lock")  # locked before it has the name that others look for
        self._lock = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        beside.rename(beside.with_name(LOCK))

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _places() -> list[str]:
    """List folders that such folders may stand in, the one to take first."""
    found = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()]
    short = [folder for folder in found if folder and len(folder) < _LONGEST and os.access(folder, os.W_OK)]
    return [*short, "/tmp"]  # noqa: S108  (mkdtemp makes a folder of the user's alone in it)


def _remove_left_behind() -> None:
    """Remove this user's folders whose owners were killed; of others' nothing is touched."""
    for place in set(_places()):
        for lock in Path(place).glob(f"{PREFIX}*/{LOCK}"):
            with suppress(OSError):
                if lock.parent.lstat().st_uid == os.getuid():
                    _remove_unless_locked(lock)


def _remove_unless_locked(lock: Path) -> None:
    number = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent)
    finally:
        os.close(number)
