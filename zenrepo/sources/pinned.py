"""Import modules from a commit instead of from the working tree.

A module of a commit is ``zenrepo.pinned.c<commit>.<module>`` to Python. Inside it:

- an import means the commit's own module where the commit has one, and the environment's where it has none; a module
  of today's working tree is never taken;
- functions that take the name of a module do the same: ``__import__``, ``importlib.import_module``,
  ``importlib.util.find_spec``, ``importlib.resources.files`` and its siblings, ``pkgutil.get_data``. A name that a
  library resolves by itself is not one of them;
- ``__file__`` is ``zenrepo:<commit>/<path>``, for messages alone: there is no such file, so that
  ``open(Path(__file__).parent / "x")`` fails with that name; package data is read through ``importlib.resources`` or
  ``pkgutil.get_data``, and ``pkgutil.iter_modules(__path__)`` lists the modules of a package;
- ``__name__`` is the whole name, so ``if __name__ == "__main__"`` does not run.
"""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from zenrepo import config
from zenrepo.git.objects import CommitFiles
from zenrepo.layout import CONFIG, Layout
from zenrepo.sources.by_name import STAND_INS
from zenrepo.sources.modules import ORIGIN, OWN
from zenrepo.sources.outside import Outside
from zenrepo.sources.resources import PinnedPath, PinnedResources
from zenrepo.sources.rewrite import compile_pinned


class Source(NamedTuple):
    """A module of a commit.

    Args:
        path: of its file from the project's folder; of its folder for a namespace package.
        package: whether it can hold modules.
        text: its source; ``None`` for a namespace package.
    """

    path: str
    package: bool
    text: bytes | None

    @property
    def folder(self) -> str:
        """The folder that a package holds, or that a module stands in."""
        return self.path if self.text is None else self.path.rpartition("/")[0]


class CommitModules:
    """The modules of one commit, under a package of their own.

    Args:
        layout: of the repository that has the commit.
        commit: its id.
        package: the name of the package.

    Raises:
        PinError: where the commit is not there.
    """

    def __init__(self, layout: Layout, commit: str, package: str) -> None:
        self.package = package
        self.files = CommitFiles(layout.common, commit, layout.prefix)
        self.origin = f"{ORIGIN}{commit[:12]}"
        self._outside = Outside(layout)
        self._found: dict[str, Source | None] = {}
        self._allowed = {OWN}

    @cached_property
    def roots(self) -> Sequence[str]:
        """The folders that modules are named from, in the order of the commit's settings, as a run looks into them."""
        text = self.files.read(CONFIG, links=False)  # the index follows none to it, either
        roots = config.source_roots(text) if text is not None else ["."]
        return ["" if r == "." else r.strip("/") + "/" for r in roots]

    def find(self, name: str) -> Source | None:
        """Find a module by its dotted name; ``None`` where the commit has none."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Source | None:
        top, _, below = name.partition(".")
        if top == OWN or top in sys.builtin_module_names or (below and self.find(top) is None):
            return None
        stems = [root + name.replace(".", "/") for root in self.roots]
        for stem in stems:
            for path, package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
                text = self.files.read(path)
                if text is not None:
                    return Source(path, package, text)
        if not below and self._outside.has(top):
            return None  # as in any import, code wins over a folder without an __init__
        return next((Source(stem, True, None) for stem in stems if self.files.names(stem) is not None), None)

    def pinned(self, name: str) -> str:
        """Give the name by which a module is imported here: the commit's own, a stand-in's, or any other as it is."""
        top = name.partition(".")[0]
        return f"{self.package}.{name}" if top and (top in STAND_INS or self.find(top)) else name

    @cached_property
    def builtins(self) -> Mapping[str, Any]:
        """The built-in names of the commit's modules."""
        return {**vars(builtins), "__import__": self._import}

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002  (the names are those of ``__import__``)
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Import what a statement names, which `compile_pinned` made pinned, or what a call of ``__import__`` does."""
        if level:
            self._refuse_beyond(globals or {}, level)
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        pinned = self.pinned(name)
        try:
            module = builtins.__import__(pinned, globals, locals, fromlist or (), 0)
        except ImportError as error:
            error.name = error.name and error.name.removeprefix(f"{self.package}.")
            raise
        top = name.partition(".")[0]
        if pinned != name:
            return module if fromlist else sys.modules[f"{self.package}.{top}"]
        if top not in self._allowed:
            self._refuse_today(top)
            self._allowed.add(top)
        return module

    def _refuse_beyond(self, names: Mapping[str, Any], level: int) -> None:
        """Refuse an import whose dots leave the top package, as Python did when the module had its own name."""
        package = str(names.get("__package__") or "")
        if level > package.count(".") - self.package.count("."):
            raise ImportError("attempted relative import beyond top-level package", name=str(names.get("__name__")))

    def _refuse_today(self, top: str) -> None:
        """Refuse a module that only the working tree has: it is not the one that the commit ran with."""
        file = self._outside.file_of_today(sys.modules.get(top))
        if file:
            raise ModuleNotFoundError(
                f"No module named '{top}' at {self.files.commit[:12]}; today's '{file}' is not taken in its place",
                name=top,
            )


class PinnedLoader(importlib.abc.InspectLoader):
    """Runs a module from the text that a commit holds."""

    def __init__(self, modules: CommitModules, source: Source) -> None:
        self._modules = modules
        self._source = source
        self.origin = f"{modules.origin}/{source.path}"

    def is_package(self, fullname: str) -> bool:
        """Say whether the module can hold others."""
        return self._source.package

    def get_source(self, fullname: str) -> str:
        """Give the text, for tracebacks and ``inspect.getsource``."""
        text = self._source.text or b""
        try:
            return importlib.util.decode_source(text)
        except (SyntaxError, UnicodeDecodeError):  # an import minds no bytes in comments, and this is only shown
            return text.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text, with imports that lead to the commit's modules."""
        return compile_pinned(self._source.text or b"", self.origin, self._modules.pinned)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        module.__dict__["__builtins__"] = self._modules.builtins
        exec(self.get_code(module.__name__), module.__dict__)  # noqa: S102  (running a module is what a loader does)

    def get_resource_reader(self, fullname: str) -> PinnedResources:
        """Give the data beside a module, for ``importlib.resources``."""
        return PinnedResources(PinnedPath(self._modules.files, self._source.folder))

    def get_data(self, path: str) -> bytes:
        """Read a file, for ``pkgutil.get_data``.

        Args:
            path: as made from ``__file__``.

        Raises:
            FileNotFoundError: where the commit has no such file.
        """
        return PinnedPath(self._modules.files, path.removeprefix(self._modules.origin + "/")).read_bytes()
