"""The code digest: what a module means, without comments and formatting.

The digest walks the syntax tree and feeds a hash with the kind of every node and its non-empty fields, in the order
in which the grammar names them. ``ast.dump`` would not do: its text differs between versions of Python, and fields
that a newer grammar adds (``type_params`` in 3.12) are empty in code that does not use them.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator

SCHEME = b"zenrepo code 1"
_IGNORED = frozenset({"type_comment", "type_ignores", "ctx", "kind"})


def code_digest(tree: ast.Module) -> str:
    """Digest the meaning of a module.

    Args:
        tree: as ``ast.parse`` gives it.

    Returns:
        64 hex digits, the same on every supported Python; an empty string for a module without code.
    """
    if not tree.body:
        return ""
    return hashlib.sha256(b"\0".join([SCHEME, *_tokens(tree)])).hexdigest()


def _tokens(tree: ast.Module) -> Iterator[bytes]:
    """Write the tree out flat; brackets keep apart what nests differently. No recursion: sources nest deeply."""
    stack: list[object] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, _Token):
            yield node
        elif isinstance(node, ast.AST):
            yield b"(" + type(node).__name__.encode()
            stack.append(_CLOSE)
            for name in reversed(node._fields):
                value = getattr(node, name, None)
                if isinstance(node, ast.JoinedStr):
                    value = _without_empty_text(node.values)
                if name not in _IGNORED and (value or not (value is None or value == [])):
                    stack += (value, _Token(b"." + name.encode()))
        elif isinstance(node, list):
            yield b"["
            stack.append(_CLOSE)
            stack += reversed(node)
        else:
            yield _constant(node)


def _without_empty_text(values: list[ast.expr]) -> list[ast.expr]:
    """Leave out the empty pieces that some releases of Python 3.12 put behind a nested format."""
    return [value for value in values if not (isinstance(value, ast.Constant) and value.value == "")]


class _Token(bytes):
    """A piece of the flat form that waits on the stack."""


_CLOSE = _Token(b")")


def _constant(value: object) -> bytes:
    if isinstance(value, str):
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
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def source_digest(blobs: Iterable[tuple[str, str]]) -> str:
    """Digest the exact sources of a closure.

    Args:
        blobs: path and blob id of each file.

    Returns:
        64 hex digits.
    """
    lines = [f"{blob} {path}" for path, blob in sorted(blobs)]
    return hashlib.sha256("\n".join(["zenrepo source 1", *lines]).encode("utf-8", "surrogateescape")).hexdigest()
