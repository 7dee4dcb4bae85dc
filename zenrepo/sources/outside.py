"""What a pinned module may import beside its commit's: the environment's modules, never the working tree's."""

from __future__ import annotations

import importlib.machinery
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from zenrepo.layout import Layout

INSTALLED = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")})
"""Where installed modules are; an environment may stand inside a repository."""


class Outside:
    """The modules of the environment.

    Args:
        layout: of the repository whose own modules are no part of it.
    """

    def __init__(self, layout: Layout) -> None:
        self._own = (layout.root.resolve(), layout.private.resolve())
        self._found: dict[str, bool] = {}

    def has(self, top: str) -> bool:
        """Say whether the environment has a module or package, with code of its own, of a name without dots."""
        if top not in self._found:
            spec = importlib.machinery.PathFinder.find_spec(top, self._path())
            self._found[top] = top in sys.stdlib_module_names or (spec is not None and spec.loader is not None)
        return self._found[top]

    def file_of_today(self, module: ModuleType | None) -> str | None:
        """Give the file of a module that is in the repository's working tree or in a run's checkout, else ``None``."""
        return next((place for place in places_of(module) if self._is_own(place)), None)

    def _path(self) -> Sequence[str]:
        return [folder for folder in sys.path if not self._is_own(folder)]

    def _is_own(self, place: str) -> bool:
        path = Path(place).resolve()
        return any(map(path.is_relative_to, self._own)) and not any(map(path.is_relative_to, INSTALLED))


def places_of(module: ModuleType | None) -> list[str]:
    """Give the file of a module; the folders of a namespace package; nothing for what is built in."""
    spec = getattr(module, "__spec__", None)
    if spec is None:
        return []
    return [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
