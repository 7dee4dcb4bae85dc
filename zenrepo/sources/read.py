"""Read a module without running it."""

from __future__ import annotations

import _ast as ast  # the nodes alone: `ast` around them costs a hook 5 ms
import warnings
from collections.abc import Iterable, Iterator, Mapping

from zenrepo.sources.digest import digest_statement, module_digest
from zenrepo.sources.model import Binding, ClassFacts, Import, ModuleFacts
from zenrepo.values import NamedTuple

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

_TAKERS = {"import_module": ("name", "package"), "__import__": ("name", "globals", "locals", "fromlist", "level")}
"""The functions that take the name of a module, and what their arguments are called."""

_MENTIONS = (b"import_module", b"__import__", b"resolve_name")
"""What a file names that may import by a name in text."""


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
        by_name = dict.fromkeys(_named_in_text(tree)) if any(mention in source for mention in _MENTIONS) else ()
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


def _named_in_text(tree: ast.Module) -> Iterator[Import]:
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
        elif isinstance(node, ast.Call) and (found := _imported_by(node)):
            yield found


def _imported_by(call: ast.Call) -> Import | None:
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
        if isinstance(value, ast.Call) and (found := _imported_by(value)):
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
