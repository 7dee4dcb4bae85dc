"""The commits of datasources in the artifact store.

``datasources/<name>/<id>/`` holds one: its examples, and ``manifest.json``. ``datasources/<name>/log.jsonl`` has a line
for each time that one was made or found to be there already; the last line is the latest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from zenrepo.errors import UnknownName, UsageError, did_you_mean
from zenrepo.steps.data.ready import MANIFEST

FOLDER: Final = "datasources"
LOG: Final = "log.jsonl"
LATEST: Final = "latest"


class DatasourceCommit(NamedTuple):
    """An immutable version of a datasource's data.

    Args:
        id: the digest of the examples, 64 hex digits.
        time: when it was last committed, in seconds since 1970.
        rows: how many examples it has.
        columns: the type of each column: int, float or string.
        notes: what was noted when the data was read.
        git_commit: the git commit whose datasource file and code read the data.
        run: the run that did it.
        folder: where it lies.
    """

    id: str
    time: float
    rows: int
    columns: dict[str, str]
    notes: list[str]
    git_commit: str
    run: str
    folder: Path


def folder_of(store: Path, name: str) -> Path:
    """Give the folder of a datasource's commits."""
    return store / FOLDER / name


def commits_of(store: Path, name: str) -> list[DatasourceCommit]:
    """List the commits of a datasource, newest first.

    Args:
        store: of the artifacts.
        name: of the datasource.
    """
    folder = folder_of(store, name)
    if not (folder / LOG).exists():
        return []
    found: dict[str, DatasourceCommit] = {}
    for line in reversed((folder / LOG).read_text(encoding="utf-8").splitlines()):
        said = json.loads(line)
        place = folder / said["id"]
        if said["id"] not in found and (place / MANIFEST).exists():
            found[said["id"]] = _commit(said, json.loads((place / MANIFEST).read_text(encoding="utf-8")), place)
    return list(found.values())


def find(store: Path, name: str, commit: str, names: Iterable[str]) -> DatasourceCommit:
    """Find a commit.

    Args:
        store: of the artifacts.
        name: of the datasource.
        commit: its id or the beginning of it, or ``latest``.
        names: of the datasources that the repository has.

    Raises:
        UnknownName: for a datasource or a commit that is not there.
        UsageError: where there are no commits, or several begin so.
    """
    known = commits_of(store, name)
    if not known and name not in (names := list(names)):
        raise UnknownName("datasource", name, names, "'zenrepo datasources' lists them")
    if not known:
        raise UsageError(f"datasource '{name}' has no commits here", f"make one: 'zenrepo datasources commit {name}'")
    found = known[:1] if commit == LATEST else [each for each in known if each.id.startswith(commit)]
    if len(found) > 1:
        raise UsageError(f"several commits of datasource '{name}' begin with '{commit}'", "give more of its digits")
    if not found:
        short = [each.id[: max(len(commit), 12)] for each in known]
        hint = did_you_mean(commit, short) or f"'zenrepo datasources show {name}' lists them"
        raise UsageError(f"datasource '{name}' has no commit '{commit}' here", hint)
    return found[0]


def _commit(said: dict[str, Any], manifest: dict[str, Any], folder: Path) -> DatasourceCommit:
    return DatasourceCommit(
        id=said["id"],
        time=said["time"],
        rows=manifest["rows"],
        columns=manifest["types"],
        notes=manifest["notes"],
        git_commit=said["git_commit"],
        run=said["run"],
        folder=folder,
    )
