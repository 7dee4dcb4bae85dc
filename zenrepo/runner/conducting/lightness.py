"""Imports TFX's orchestration without TensorFlow and Beam: 0.4 s instead of 12.

TFX's own imports of both are soft: where they are refused, its compiler and launcher work all the same. Others are not,
but serve what is seldom done: such a module is loaded when somebody looks inside.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

HEAVY = frozenset({"tensorflow", "tensorflow_model_analysis", "apache_beam", "setuptools"})
"""The last for the sake of a check: where it is there, each of TFX's artifacts imports it, to see that TFX is whole."""

OF_STEPS = frozenset({"numpy", "pyarrow"})
"""What the steps that need no TensorFlow work with, and who conducts them does not."""

LATER = frozenset({"docker", "googleapiclient._auth", "httplib2"})
"""What launches nodes in containers and talks to Google's cloud."""


class _Sparing:
    """Stands first among the finders: says that a package is not there, and puts off what may come later.

    Args:
        refused: the packages.
    """

    def __init__(self, refused: frozenset[str]) -> None:
        self._refused = refused

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in self._refused:
            raise ModuleNotFoundError(f"'{name}' is not for the conductor", name=name)
        if name not in LATER or (spec := PathFinder.find_spec(name, path, target)) is None or spec.loader is None:
            return None
        spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def without_heavy_imports(also: frozenset[str] = frozenset()) -> Iterator[None]:
    """Refuse imports of what is heavy inside the block, and put off others.

    Args:
        also: packages to refuse beside `HEAVY`.
    """
    sparing = _Sparing(HEAVY | also)
    sys.meta_path.insert(0, sparing)
    try:
        yield
    finally:
        sys.meta_path.remove(sparing)
