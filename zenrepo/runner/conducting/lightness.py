"""Imports TFX's orchestration without TensorFlow and Beam: 0.6 s instead of 12.

TFX's own imports of both are soft: where they are refused, its compiler and launcher work all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

HEAVY = frozenset({"tensorflow", "apache_beam", "setuptools"})
"""The last for the sake of a check: where it is there, each of TFX's artifacts imports it, to see that TFX is whole."""


class _Refuse:
    """Stands first among the finders and says that a heavy package is not there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"'{name}' is not for the conductor", name=name)
        return None


@contextmanager
def without_heavy_imports() -> Iterator[None]:
    """Refuse imports of what is heavy inside the block."""
    refuse = _Refuse()
    sys.meta_path.insert(0, refuse)
    try:
        yield
    finally:
        sys.meta_path.remove(refuse)
