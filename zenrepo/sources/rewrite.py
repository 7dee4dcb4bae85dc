"""Imports of pinned modules, turned into imports from the package that holds the modules of their commit.

The import statements of a module are changed after it was parsed, so that they mean the same wherever the code runs:
in a function that cloudpickle carries to another process by value, too. Lines and columns stay as they were.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CodeType


def compile_pinned(text: bytes, origin: str, pinned: Callable[[str], str]) -> CodeType:
    """Compile a module of a commit.

    Args:
        text: its source; a coding line is respected.
        origin: the name of its file, for tracebacks.
        pinned: gives the name by which the commit's own module is imported for the name that the source says, and
            any other name as it is.

    Returns:
        The code.

    Raises:
        SyntaxError: where the text is no source of this Python.
    """
    tree = _Imports(pinned).visit(ast.parse(text, origin))
    code: CodeType = compile(ast.fix_missing_locations(tree), origin, "exec", dont_inherit=True)
    return code


class _Imports(ast.NodeTransformer):
    def __init__(self, pinned: Callable[[str], str]) -> None:
        self._pinned = pinned

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:  # noqa: N802, RUF100  (ast names it)
        if node.module and not node.level:
            node.module = self._pinned(node.module)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.Import]:  # noqa: N802, RUF100
        return [ast.copy_location(ast.Import([name]), node) for alias in node.names for name in self._names(alias)]

    def _names(self, alias: ast.alias) -> Iterator[ast.alias]:
        """Split ``import a.b``, which runs ``a.b`` and binds ``a``, in two."""
        top = alias.name.partition(".")[0]
        pinned = self._pinned(alias.name)
        if pinned == alias.name:
            yield alias
        else:
            yield ast.copy_location(ast.alias(pinned, alias.asname or top), alias)
            if not alias.asname and top != alias.name:
                yield ast.copy_location(ast.alias(self._pinned(top), top), alias)
