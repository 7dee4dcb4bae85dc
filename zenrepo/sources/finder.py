"""How Python finds the modules of commits: by their names, which say commit and project folder."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from zenrepo.errors import NotARepository, PinError
from zenrepo.git.locate import locate_git
from zenrepo.layout import REPOSITORY, Layout
from zenrepo.sources.by_name import STAND_INS, StandInLoader
from zenrepo.sources.modules import ORIGIN
from zenrepo.sources.pinned import CommitModules, PinnedLoader

PACKAGE = "zenrepo.pinned"

_KEY = re.compile(r"c([0-9a-f]{40}|[0-9a-f]{64})(?:_((?:[0-9a-f]{2})+))?")
"""A commit; and, in hex, the project's folder, for a project that is not the whole repository."""

_commits: dict[str, CommitModules] = {}


def modules_at(commit: str, layout: Layout) -> CommitModules:
    """Give the modules of a commit, the same ones each time.

    Args:
        commit: its whole id.
        layout: of the repository that has it.

    Raises:
        PinError: where the commit is not there.
    """
    folder = layout.prefix.encode("utf-8", "surrogateescape").hex()
    key = f"c{commit}_{folder}" if folder else f"c{commit}"
    if not _KEY.fullmatch(key):
        raise PinError(f"'{commit}' is not the whole id of a commit", "give all its hex digits")
    if key not in _commits:
        _commits.setdefault(key, CommitModules(layout, commit, f"{PACKAGE}.{key}"))
    return _commits[key]


def _modules_of(key: str, commit: str, folder: str) -> CommitModules:
    """Give the modules that a name below `PACKAGE` means, which another process may have made first."""
    if key not in _commits:
        place = os.environ.get(REPOSITORY)
        try:
            modules_at(
                commit,
                locate_git(Path(place) if place else None, bytes.fromhex(folder).decode("utf-8", "surrogateescape")),
            )
        except NotARepository as error:
            raise PinError(
                f"no repository is here to take commit {commit[:12]} from: {error.message}",
                f"set {REPOSITORY} to a folder of the repository",
            ) from error
    return _commits[key]


class PinnedFinder(importlib.abc.MetaPathFinder):
    """Finds the modules below `PACKAGE`, whose names are its only input."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module by its whole name; ``None`` where it is not one of a commit.

        Raises:
            PinError: where this clone has no such commit.
        """
        key, _, name = fullname.removeprefix(PACKAGE + ".").partition(".")
        match = _KEY.fullmatch(key) if fullname.startswith(PACKAGE + ".") else None
        if match is None:
            return None
        modules = _modules_of(key, match[1], match[2] or "")
        if not name:
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return _own(fullname, modules, name) or _stand_in(fullname, modules, name)


def _own(fullname: str, modules: CommitModules, name: str) -> importlib.machinery.ModuleSpec | None:
    source = modules.find(name)
    if source is None:
        return None
    loader = PinnedLoader(modules, source)
    spec = importlib.machinery.ModuleSpec(fullname, loader, origin=loader.origin, is_package=source.package)
    spec.has_location = source.text is not None
    if spec.submodule_search_locations is not None:
        spec.submodule_search_locations.append(ORIGIN + fullname)
    return spec


def _stand_in(fullname: str, modules: CommitModules, name: str) -> importlib.machinery.ModuleSpec | None:
    if name.partition(".")[0] not in STAND_INS:
        return None
    try:
        real = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        real = None
    if real is None:
        return None
    is_package = real.submodule_search_locations is not None
    return importlib.machinery.ModuleSpec(fullname, StandInLoader(name, modules.pinned), is_package=is_package)


class PinnedFolder:
    """Lists what a package of a commit holds, for ``pkgutil.iter_modules``.

    Args:
        path: an entry of the package's ``__path__``.

    Raises:
        ImportError: for any other path, as a hook of ``sys.path_hooks`` does.
    """

    def __init__(self, path: str) -> None:
        key, _, name = path.removeprefix(f"{ORIGIN}{PACKAGE}.").partition(".")
        source = _commits[key].find(name) if path.startswith(ORIGIN) and key in _commits else None
        if source is None:
            raise ImportError(f"'{path}' is not a package of a commit")
        self._files = _commits[key].files
        self._folder = source.folder

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> None:
        """Leave it to `PinnedFinder`."""

    def iter_modules(self, prefix: str = "") -> Iterator[tuple[str, bool]]:
        """Name the modules and say which of them are packages."""
        for name in sorted(self._files.names(self._folder) or ()):
            below = f"{self._folder}/{name}"
            if self._files.has_file(f"{below}/__init__.py"):
                yield prefix + name, True
            elif name.endswith(".py") and name != "__init__.py" and self._files.has_file(below):
                yield prefix + name.removesuffix(".py"), False
