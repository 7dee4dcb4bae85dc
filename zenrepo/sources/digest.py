"""The code digest: what a module means, without comments and formatting.

The digest walks the syntax tree and feeds a hash with the kind of every node and its non-empty fields, in the order
in which the grammar names them. ``ast.dump`` would not do: its text differs between versions of Python, and fields
that a newer grammar adds (``type_params`` in 3.12) are empty in code that does not use them.
"""

from __future__ import annotations

import _ast as ast  # the nodes alone: `ast` around them costs a hook 5 ms
from collections.abc import Iterable, Mapping

from zenrepo.sources.sha import sha256
from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

SCHEME = b"zenrepo code 1"
_IGNORED = frozenset({"type_comment", "type_ignores", "ctx", "kind"})


class Digested(NamedTuple):
    """The digest of a statement, and what the walk over it met.

    Args:
        code: 64 hex digits, the same on every supported Python.
        classes: likewise of each class in it, which the digest of what is around the class counts as one piece.
        imports: every import statement in it.
    """

    code: str
    classes: dict[ast.ClassDef, str]
    imports: list[ast.Import | ast.ImportFrom]


def digest_statement(node: ast.stmt) -> Digested:
    """Digest the meaning of a statement of a module."""
    digested = Digested("", {}, [])
    code = _digest(node, digested)
    if isinstance(node, ast.ClassDef):
        digested.classes[node] = code
    return digested._replace(code=code)


def module_digest(statements: Iterable[str]) -> str:
    """Digest a module from the digests of its statements; a module without code has an empty digest."""
    text = " ".join(statements)
    return sha256(b"zenrepo module 1\0" + text.encode()).hexdigest() if text else ""


def _digest(root: ast.stmt, met: Digested) -> str:
    """Write a tree out flat and hash it; brackets keep apart what nests differently.

    Only nested classes recurse: sources nest deeply. This is the hot loop of a first index.
    """
    parts: list[bytes] = [SCHEME]
    stack: list[ast.AST | bytes] = [root]
    while stack:
        node = stack.pop()
        if type(node) is bytes:
            parts.append(node)
        elif isinstance(node, ast.ClassDef) and node is not root:
            met.classes[node] = _digest(node, met)
            parts.append(met.classes[node].encode())
        else:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                met.imports.append(node)
            name, fields = _FORM[type(node)]
            parts.append(name)
            stack.append(b")")
            for field, token in fields:
                value: Any = getattr(node, field, None)
                if type(value) is list:
                    if isinstance(node, ast.JoinedStr):
                        value = _without_empty_text(value)
                    if value:
                        stack.append(b"]")
                        stack += map(_piece, reversed(value))
                        stack.append(token + b"[")
                elif value is not None:
                    stack += (_piece(value), token)
    return sha256(b"\0".join(parts)).hexdigest()


def _piece(value: object) -> ast.AST | bytes:
    """Write a leaf, which most nodes are, in one piece; leave any other node to the loop."""
    if not isinstance(value, ast.AST):
        return _constant(value)
    if isinstance(value, ast.Name):
        return b"(Name " + value.id.encode()
    if isinstance(value, ast.Constant):
        return b"(Constant " + _constant(value.value)
    return value if value._fields else b"(" + type(value).__name__.encode()


class _Forms(dict[type, tuple[bytes, list[tuple[str, bytes]]]]):
    """The name of each kind of node and its fields, last first, in the form in which they are hashed."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[bytes, list[tuple[str, bytes]]]:
        fields = [(name, b"." + name.encode()) for name in reversed(kind._fields) if name not in _IGNORED]
        self[kind] = (b"(" + kind.__name__.encode(), fields)
        return self[kind]


_FORM = _Forms()


def _without_empty_text(values: list[ast.expr]) -> list[ast.expr]:
    """Leave out the empty pieces that some releases of Python 3.12 put behind a nested format."""
    return [value for value in values if not (isinstance(value, ast.Constant) and value.value == "")]


def _constant(value: object) -> bytes:
    if type(value) is str:
        text = value.encode("utf-8", "surrogatepass")
        return b"s%d:%b" % (len(text), text)
    return f"{type(value).__name__} {value!r}".encode()


def version_digest(qualname: str, own: str, others: Iterable[tuple[str, str]]) -> str:
    """Digest a step version.

    The module that defines the step counts without its name and modules without code do not count, so that a step
    that only moved keeps its identity.

    Args:
        qualname: the class inside its module.
        own: the code digest of the module that defines it.
        others: name and code digest of the other modules of its closure.

    Returns:
        64 hex digits.
    """
    lines = ["zenrepo step 1", qualname, own]
    lines += [f"{name} {digest}" for name, digest in sorted(others) if digest]
    return sha256("\n".join(lines).encode()).hexdigest()


def source_digest(paths: Iterable[str], blobs: Mapping[str, str]) -> str:
    """Digest the exact sources of a closure.

    Args:
        paths: of its files.
        blobs: the blob id of each file of the tree, by path.

    Returns:
        64 hex digits.
    """
    lines = [f"{blobs[path]} {path}" for path in sorted(paths)]
    return sha256("\n".join(["zenrepo source 1", *lines]).encode("utf-8", "surrogateescape")).hexdigest()
