"""The modules of one tree: which file each dotted name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from zenrepo.git.links import reached
from zenrepo.sources.model import Binding, Import
from zenrepo.values import NamedTuple

OWN = "zenrepo"
"""The package that is never part of a user's sources, in its own repository neither."""

ORIGIN = "zenrepo:"
"""What the place of a pinned module begins with; no file is there."""


class Module(NamedTuple):
    """A module of a tree.

    Args:
        name: dotted, from its source root.
        path: of the file, from the project's folder.
        blob: the blob id.
        package: whether it is a package's ``__init__``.
        second: whether an outer source root gives it this name: imports find it by that too, types do not have it.
    """

    name: str
    path: str
    blob: str
    package: bool
    second: bool = False


def _names(path: str, roots: Sequence[str]) -> Iterator[tuple[str, bool, str]]:
    """Name the modules that a file is: for each source root around it, its dotted name, and whether it is a package."""
    for root in roots if path.endswith(".py") else ():
        if path.startswith(root):
            parts = path[len(root) : -3].split("/")
            package = parts[-1] == "__init__"
            if package:
                parts.pop()
            if parts and parts[0] != OWN and all(part.isidentifier() for part in parts):
                yield ".".join(parts), package, root


def _normal(root: str) -> str:
    root = root.removeprefix("./").strip("/")
    return "" if root in ("", ".") else root + "/"


def modules_of(
    files: Mapping[str, str], source_roots: Sequence[str], targets: Mapping[str, str] | None = None
) -> dict[str, Module]:
    """Find the modules of a tree.

    Args:
        files: blob id by path from the project's folder, symlinks included; with ``/``.
        source_roots: folders that modules are named from, ``.`` for the project's own. A file has a name from each
            that it is in; that from the deepest one is the name of its types.
        targets: what symlinks point to, by path.

    Returns:
        The modules by dotted name. Of several with one name that of the first source root wins, and there a package
        over a module, as in an import. A module that symlinks lead to has the name that they give it and the path of
        its file.
    """
    found: dict[str, Module] = {}
    places: dict[str, tuple[int, bool]] = {}
    targets = targets or {}
    roots = list(map(_normal, source_roots))
    for path, real in [*((path, path) for path in files if path not in targets), *reached(files, targets).items()]:
        deepest = max((root for root in roots if path.startswith(root)), key=len, default="")
        for name, package, root in _names(path, roots) if _is_text(real) else ():
            place = roots.index(root), not package
            if name not in found or place < places[name]:
                found[name], places[name] = Module(name, real, files[real], package, root != deepest), place
    return found


def _is_text(path: str) -> bool:
    """Say whether a path is one that can be written down; a symlink may give a module's name to one that is not."""
    return path.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in path)


def absolute(module: Module, level: int, name: str) -> str | None:
    """Make the name in an import absolute.

    Args:
        module: where the import stands.
        level: its dots.
        name: what follows the dots.

    Returns:
        The dotted name; ``None`` where the dots leave the top package.
    """
    if level == 0:
        return name
    parts = module.name.split(".")
    keep = len(parts) - level + (1 if module.package else 0)
    if keep < 1:
        return None
    return ".".join([*parts[:keep], *([name] if name else [])])


def imported(module: Module, statement: Import, known: Mapping[str, Module]) -> Iterable[str]:
    """Name the modules of the tree that an import statement runs, parent packages included."""
    base = absolute(module, statement.level, statement.module)
    if base is None:
        return
    for name in [base, *(f"{base}.{n}" if base else n for n in statement.names if n != "*")]:
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            ancestor = ".".join(parts[:end])
            if ancestor in known:
                yield ancestor


def target(module: Module, binding: Binding) -> str | None:
    """Name what a binding stands for: an absolute dotted name."""
    base = absolute(module, binding.level, binding.module)
    if base is None or not binding.attribute:
        return base
    return f"{base}.{binding.attribute}" if base else binding.attribute
