"""Modules that are imported by a name in text: ``import_module("a.b")`` and its like."""

from __future__ import annotations

import _ast as ast  # the nodes alone: `ast` around them costs a hook 5 ms
from collections.abc import Iterator

from zenrepo.sources.model import Import

_TAKERS = {"import_module": ("name", "package"), "__import__": ("name", "globals", "locals", "fromlist", "level")}
"""The functions that take the name of a module, and what their arguments are called."""

_MENTIONS = (b"import_module", b"__import__", b"resolve_name")


def may_import_by_name(source: bytes) -> bool:
    """Say whether a file names a function that imports what a text names."""
    return any(mention in source for mention in _MENTIONS)


def named_in_text(tree: ast.Module) -> Iterator[Import]:
    """Give what a module may import by a name in text.

    Which text gets to the function is known only when the code runs: the function may have another name there, and the
    text come from a table, or get dots in front of it. So every text that reads as the name of a module counts, also
    from the module's package, and the tree says which of them is one.
    """
    from ast import walk  # noqa: PLC0415  (see the top)

    for node in walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            bare = node.value.partition(":")[0].lstrip(".")
            dots = len(node.value) - len(node.value.lstrip("."))
            if _is_dotted(bare):
                yield from (Import(level, bare) for level in ((dots,) if dots else (0, 1)))
        elif isinstance(node, ast.Call) and (found := imported_by(node)):
            yield found


def imported_by(call: ast.Call) -> Import | None:
    """Give what a call of ``import_module`` or ``__import__`` with a literal name imports; ``None`` for any other."""
    function = call.func
    names = _TAKERS.get(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""), ())
    given = dict(zip(names, call.args, strict=False)) | {keyword.arg or "": keyword.value for keyword in call.keywords}
    name, level, package = (_literal(given.get(argument)) for argument in ("name", "level", "package"))
    if not names or not isinstance(name, str):
        return None
    bare = name.lstrip(".")
    dots = len(name) - len(bare) + (level if isinstance(level, int) else 0)
    if dots and isinstance(package, str):
        parts = package.split(".")
        dots, bare = 0, ".".join(filter(None, [*parts[: max(len(parts) - dots + 1, 0)], bare]))
    if not _is_dotted(bare) and not (dots and not bare):
        return None
    return Import(dots, bare, tuple(filter(_is_dotted, _items(given.get("fromlist")))))


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _items(node: ast.expr | None) -> Iterator[str]:
    for item in node.elts if isinstance(node, (ast.List, ast.Tuple)) else ():
        if isinstance(text := _literal(item), str):
            yield text


def _literal(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None
