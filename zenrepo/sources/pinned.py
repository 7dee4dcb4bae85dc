"""Import modules from a commit instead of from the working tree."""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from zenrepo import config
from zenrepo.errors import PinError
from zenrepo.git.locate import locate
from zenrepo.git.objects import CommitFiles
from zenrepo.layout import CONFIG, Layout
from zenrepo.sources.modules import OWN

PACKAGE = "zenrepo.pinned"
REPOSITORY = "ZENREPO_REPOSITORY"
"""The environment variable that tells other processes where the repository of a pinned class is."""


@dataclass(frozen=True)
class Source:
    """A module of a commit.

    Args:
        path: of its file from the project's folder; of its folder for a namespace package.
        package: whether it can hold modules.
        text: its source; empty for a namespace package.
    """

    path: str
    package: bool
    text: bytes


class CommitModules:
    """The modules of one commit, under a package of their own.

    Args:
        layout: of the repository that has the commit.
        commit: its id.
    """

    def __init__(self, layout: Layout, commit: str) -> None:
        self.commit = commit
        self.package = f"{PACKAGE}.c{commit}"
        self._files = CommitFiles(layout.common, commit, layout.prefix)
        self._found: dict[str, Source | None] = {}

    @cached_property
    def _roots(self) -> Sequence[str]:
        text = self._files.read(CONFIG)
        roots = config.read(text).source_roots if text is not None else ["."]
        return sorted(("" if r == "." else r.strip("/") + "/" for r in roots), key=len, reverse=True)

    def find(self, name: str) -> Source | None:
        """Find a module by its dotted name; ``None`` where the commit has none."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Source | None:
        if name.partition(".")[0] == OWN:
            return None
        stems = [root + name.replace(".", "/") for root in self._roots]
        for stem in stems:
            for path, package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
                text = self._files.read(path)
                if text is not None:
                    return Source(path, package, text)
        return next((Source(stem, True, b"") for stem in stems if self._holds_python(stem)), None)

    def _holds_python(self, folder: str) -> bool:
        names = self._files.names(folder) or []
        return any(n.endswith(".py") for n in names) or any(
            self._holds_python(f"{folder}/{n}") for n in names if n.isidentifier()
        )

    @cached_property
    def builtins(self) -> Mapping[str, Any]:
        """The built-in names of the commit's modules: ``import`` finds the commit's modules first."""
        return {**vars(builtins), "__import__": self._import}

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  (the names are those of ``__import__``)
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        if level or self.find(top) is None:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = builtins.__import__(f"{self.package}.{name}", globals, locals, fromlist or (), 0)
        return module if fromlist else sys.modules[f"{self.package}.{top}"]


class PinnedFinder(importlib.abc.MetaPathFinder):
    """Finds the modules below `PACKAGE`.

    Args:
        package: the name of that package.
    """

    def __init__(self, package: str) -> None:
        self._below = package + ".c"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module by its whole name; ``None`` where it is not one of a commit."""
        if not fullname.startswith(self._below):
            return None
        commit, _, name = fullname[len(self._below) :].partition(".")
        modules = modules_at(commit)
        source = modules.find(name) if name else Source("", True, b"")
        if source is None:
            return None
        origin = f"zenrepo:{commit[:12]}/{source.path}"
        loader = PinnedLoader(modules, source, origin)
        spec = importlib.machinery.ModuleSpec(fullname, loader, origin=origin, is_package=source.package)
        spec.has_location = bool(source.text)
        return spec


class PinnedLoader(importlib.abc.InspectLoader):
    """Runs a module from the text that a commit holds."""

    def __init__(self, modules: CommitModules, source: Source, origin: str) -> None:
        self._modules = modules
        self._source = source
        self._origin = origin

    def is_package(self, fullname: str) -> bool:
        """Say whether the module can hold others."""
        return self._source.package

    def get_source(self, fullname: str) -> str:
        """Give the text, for tracebacks and ``inspect.getsource``."""
        return importlib.util.decode_source(self._source.text)

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text."""
        code: CodeType = compile(self._source.text, self._origin, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, with the commit's own ``import``."""
        module.__dict__["__builtins__"] = self._modules.builtins
        exec(self.get_code(module.__name__), module.__dict__)  # noqa: S102  (running a module is what a loader does)


_commits: dict[str, CommitModules] = {}


def modules_at(commit: str, layout: Layout | None = None) -> CommitModules:
    """Give the modules of a commit, the same ones each time.

    Args:
        commit: its id.
        layout: of the repository that has it; else the one that the environment or the current folder names.

    Raises:
        PinError: where the commit is not there.
    """
    if commit not in _commits:
        if not set(commit) <= set("0123456789abcdef") or len(commit) not in (40, 64):
            raise PinError(f"'{commit}' is not the whole id of a commit", "give all its hex digits")
        place = os.environ.get(REPOSITORY)
        _commits.setdefault(commit, CommitModules(layout or locate(Path(place) if place else None), commit))
    return _commits[commit]
