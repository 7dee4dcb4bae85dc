"""Read a module without running it."""

from __future__ import annotations

import _ast as ast  # the nodes alone: `ast` around them costs a hook 5 ms
import warnings
from collections.abc import Iterable, Iterator, Mapping

from zenrepo.sources.digest import digest_statement, module_digest
from zenrepo.sources.model import Binding, ClassFacts, Import, ModuleFacts
from zenrepo.sources.named import imported_by, may_import_by_name, named_in_text
from zenrepo.values import NamedTuple

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class _Statement(NamedTuple):
    """What one statement of a module adds to its facts."""

    digest: str
    imports: tuple[Import, ...]
    classes: tuple[ClassFacts, ...]
    bindings: tuple[Binding, ...]


def read_module(source: bytes) -> ModuleFacts:
    """Read a Python file.

    Args:
        source: its bytes; a coding line is respected.

    Returns:
        Its facts; those of a file that is no Python say why in ``error``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(source, "<unknown>", "exec", ast.PyCF_ONLY_AST)
        assert isinstance(tree, ast.Module)
        lines = source.splitlines(keepends=True)
        if any(b"coding" in line for line in lines[:2]):
            statements = [_read(node) for node in tree.body]  # the same bytes may mean something else here
        else:
            statements = [_read_once(node, lines) for node in tree.body]
        by_name = tuple(dict.fromkeys(named_in_text(tree))) if may_import_by_name(source) else ()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return ModuleFacts(error=_reason(error))
    return ModuleFacts(
        digest=module_digest(statement.digest for statement in statements),
        imports=(*(found for statement in statements for found in statement.imports), *by_name),
        classes=tuple(found for statement in statements for found in statement.classes),
        bindings=tuple(found for statement in statements for found in statement.bindings),
    )


_read_before: dict[tuple[bytes, int, int | None], _Statement] = {}
_AT_MOST = 20_000
"""Statements that are remembered: from commit to commit most of a file stays as it is."""


def _read_once(node: ast.stmt, lines: list[bytes]) -> _Statement:
    """Read a statement, unless one of the same text was read before."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    key = (b"".join(lines[first - 1 : node.end_lineno]), node.col_offset, node.end_col_offset)
    found = _read_before.get(key)
    if found is None:
        if len(_read_before) >= _AT_MOST:
            _read_before.clear()
        found = _read_before[key] = _read(node)
    return found


def _read(node: ast.stmt) -> _Statement:
    digested = digest_statement(node)
    imports, runs = digested.imports, [node]
    if isinstance(node, ast.If) and _dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING":
        from ast import walk  # noqa: PLC0415  (see the top)

        runs = node.orelse
        imports = [n for one in runs for n in walk(one) if isinstance(n, (ast.Import, ast.ImportFrom))]
    return _Statement(
        digested.code,
        tuple(_imports(imports)),
        tuple(_classes(runs, "", digested.classes)),
        tuple(_bindings(runs)),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    return str(error) or type(error).__name__


def _imports(statements: Iterable[ast.Import | ast.ImportFrom]) -> Iterator[Import]:
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (Import(0, alias.name) for alias in node.names)
        else:
            yield Import(node.level, node.module or "", tuple(alias.name for alias in node.names))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a module or class, those under conditions too, but none inside a function."""
    for node in body:
        yield node
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, field, []))
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)
        for case in getattr(node, "cases", []):
            yield from _statements(case.body)


def _classes(body: list[ast.stmt], prefix: str, digests: Mapping[ast.ClassDef, str]) -> Iterator[ClassFacts]:
    for node in _statements(body):
        if isinstance(node, ast.ClassDef):
            qualname = f"{prefix}{node.name}"
            bases = tuple(name for base in node.bases if (name := _dotted(base)))
            yield ClassFacts(qualname, digests[node], bases, *_parameters(node))
            yield from _classes(node.body, f"{qualname}.", digests)


def _parameters(node: ast.ClassDef) -> tuple[tuple[str, ...] | None, tuple[str, ...], bool]:
    """Read the arguments of the class's own ``__init__``: all, required, and whether there is ``**kwargs``."""
    for item in _statements(node.body):
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            given = item.args
            positional = (given.posonlyargs + given.args)[1:]
            free = len(positional) - len(given.defaults)
            required = positional[: max(free, 0)] + [
                a for a, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None
            ]
            names = tuple(a.arg for a in positional + given.kwonlyargs)
            return names, tuple(a.arg for a in required), given.kwarg is not None
    return None, (), False


def _bindings(body: list[ast.stmt]) -> Iterator[Binding]:
    for node in _statements(body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield Binding(alias.asname, 0, alias.name) if alias.asname else Binding(top, 0, top)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Binding(alias.asname or alias.name, node.level, node.module or "", alias.name)
        elif isinstance(node, ast.Assign):
            yield from (found for goal in node.targets for found in _assigned(goal, node.value))
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield from _assigned(node.target, node.value)


def _assigned(goal: ast.expr, value: ast.expr) -> Iterator[Binding]:
    """Read which names an assignment gives to a name; to all names of ``a, b = x, y`` one after the other."""
    if isinstance(goal, ast.Tuple) and isinstance(value, ast.Tuple) and len(goal.elts) == len(value.elts):
        for part, its in zip(goal.elts, value.elts, strict=True):
            yield from _assigned(part, its)
    elif isinstance(goal, ast.Name):
        if isinstance(value, ast.IfExp):
            choices = [value.body, value.orelse]
        else:
            choices = value.values if isinstance(value, ast.BoolOp) else [value]
        yield from (Binding(goal.id, -1, name) for choice in choices if (name := _dotted(choice)))
        if isinstance(value, ast.Call) and (found := imported_by(value)):
            yield Binding(goal.id, found.level, found.module)


def _dotted(node: ast.expr) -> str:
    """Write a name or an attribute of one with its dots; ``Base[T]`` counts as ``Base``, anything else as nothing."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
