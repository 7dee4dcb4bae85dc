"""What the user of this machine trusted: kept outside every repository, so that nobody can commit or push it.

Each clone, and each project in it, has a file of its own. It counts only together with a token in the clone's private
folder, so that a clone that took another one's place is a stranger, and so is a copy at another path.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_state_path

from zenrepo.errors import Locked, NotTrusted, UsageError, ZenrepoError
from zenrepo.layout import Layout, as_path
from zenrepo.typed_yaml import Typed, convert, default_map, dump, parse, refuse_version, save

VERSION = 1
TOKEN = "trust-token"  # noqa: S105  (the name of a file)
PATIENCE = 10.0
"""Seconds to wait for another process that writes a record."""


class Record(Typed, frozen=True, kw_only=True):
    """What was trusted of one clone, or of one project in it.

    Args:
        version: of the format.
        repository: the real path of the git common directory.
        project: the project's folder in the working tree; empty for the top.
        token: what the clone's private folder must hold for this to count.
        merges: whether what others wrote may run when a merge or a pull brings it.
        triggers: by pipeline, each trigger that was trusted, as the canonical text of its section.
    """

    version: int = VERSION
    repository: str
    project: str = ""
    token: str
    merges: bool = False
    triggers: dict[str, list[str]] = default_map()

    def knows(self, pipeline: str, trigger: str) -> bool:
        """Say whether a trigger of a pipeline was trusted."""
        return trigger in self.triggers.get(pipeline, ())


def file_of(layout: Layout) -> Path:
    """Give the file that holds the record of a clone, whether it is there or not."""
    name = hashlib.sha256(os.fsencode(f"{os.path.realpath(layout.git_folder)}\0{layout.prefix}")).hexdigest()
    return _folder() / f"{name[:32]}.yaml"


def read(layout: Layout) -> Record | None:
    """Read what was trusted of a clone.

    Args:
        layout: of the repository.

    Returns:
        The record; ``None`` where nothing was trusted, or where it was trusted of another clone at the same path.

    Raises:
        NotTrusted: for a record that cannot be read: nobody can tell what was trusted.
    """
    path = file_of(layout)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    try:
        document = parse(text, str(path))
        refuse_version(document, VERSION)
        record = convert(document, Record)
    except UsageError as error:
        raise _unreadable(path, error.message.removeprefix(f"{path}:")) from error
    return record if _is_of(record, layout) else None


def keep(layout: Layout, triggers: Mapping[str, str], merges: bool | None = None) -> None:
    """Trust some triggers, beside those that are trusted.

    Args:
        layout: of the repository; a record of another clone at its path, or one that cannot be read, is replaced.
        triggers: by pipeline, the canonical text of the section.
        merges: whether merges may run what others wrote; as it is where it is ``None``.

    Raises:
        ZenrepoError: where nothing can be written.
        Locked: where another process keeps writing.
    """
    with _writing():
        record: Record | None = None
        with suppress(NotTrusted):
            record = read(layout)
        _save(layout, _with(record or _new(layout), triggers, merges))


def extend(layout: Layout, triggers: Mapping[str, str]) -> None:
    """Trust some triggers of a clone of which others are trusted; where none is any more, nothing happens.

    Args:
        layout: as in `keep`.
        triggers: likewise.

    Raises:
        NotTrusted: as `read` does.
        ZenrepoError: as `keep` does.
    """
    with _writing():
        record = read(layout)
        if record is not None:
            _save(layout, _with(record, triggers, None))


def forget(layout: Layout) -> bool:
    """Take the trust back, and say whether there was a record of it."""
    with _writing():
        path = file_of(layout)
        was_there = path.exists()
        path.unlink(missing_ok=True)
    return was_there


def _with(record: Record, triggers: Mapping[str, str], merges: bool | None) -> Record:
    known = {name: list(texts) for name, texts in record.triggers.items()}
    for name, text in triggers.items():
        texts = known.setdefault(name, [])
        if text not in texts:
            texts.append(text)
    return Record(
        repository=record.repository,
        project=record.project,
        token=record.token,
        merges=record.merges if merges is None else merges,
        triggers=dict(sorted(known.items())),
    )


def _new(layout: Layout) -> Record:
    """Begin a record, with a token that no other clone has."""
    record = Record(repository=_place(layout), project=_text(layout.prefix), token=secrets.token_hex(16))
    save(as_path(layout.own(TOKEN)), record.token + "\n")
    return record


def _is_of(record: Record, layout: Layout) -> bool:
    """Say whether a record stands for this very clone, and not for one that was at its path before."""
    try:
        token = as_path(layout.own(TOKEN)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return False
    same_place = (record.repository, record.project) == (_place(layout), _text(layout.prefix))
    return same_place and bool(token) and secrets.compare_digest(token.encode(), record.token.encode())


def _save(layout: Layout, record: Record) -> None:
    save(file_of(layout), dump(record))


def _place(layout: Layout) -> str:
    return _text(os.path.realpath(layout.git_folder))


def _text(path: str) -> str:
    """Write a path of any bytes as text; the name of the record's file tells apart what becomes the same here."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _folder() -> Path:
    return user_state_path("zenrepo") / "trust"


@contextmanager
def _writing() -> Iterator[None]:
    """Hold the records against other processes; what cannot be written is an error that names the place."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  (it brings asyncio in, which costs a hook 100 ms)

    folder = _folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=PATIENCE):
            yield
    except Timeout as error:
        raise Locked(f"another process is writing '{folder}'", "try again when it is done") from error
    except OSError as error:
        place = error.filename or folder
        raise ZenrepoError(
            f"what you trust cannot be kept: '{place}': {error.strerror or error}",
            "make it writable, or point XDG_STATE_HOME to a folder that is",
        ) from error


def _unreadable(path: Path, problem: str) -> NotTrusted:
    return NotTrusted(
        f"what you trusted cannot be read, so nothing is: '{path}': {problem.strip()}",
        "'zenrepo trust' writes it anew",
    )
