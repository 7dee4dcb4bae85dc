"""The facts of modules as text, for keeping them by blob."""

from __future__ import annotations

from collections.abc import Iterable

from zenrepo.packed import pack as pack_names
from zenrepo.packed import unpack as unpack_names
from zenrepo.sources.model import Binding, ClassFacts, Import, ModuleFacts

READER = "3"
"""Counts up whenever the same source gives other facts; what an older reader kept is read again."""

_FIRST = pack_names([["reader", READER]])
_NONE = "-"
"""Stands for parameters that a class leaves to its base; no parameter has that name."""


def pack(facts: ModuleFacts) -> str:
    """Write facts as lists of names, each behind the word that says what it is."""
    return pack_names(
        [
            ["reader", READER],
            ["digest", facts.digest],
            *(["import", str(i.level), i.module, *i.names] for i in facts.imports),
            *(["class", c.qualname, c.digest, *map(_joined, c[2:5]), "open" if c.open else ""] for c in facts.classes),
            *(["binding", b.name, str(b.level), b.module, b.attribute] for b in facts.bindings),
            ["error", facts.error.replace("\0", " ")],
        ]
    )


def is_current(text: str) -> bool:
    """Say whether facts were kept by this reader; those of an older one are read again."""
    return text.startswith(_FIRST)


def unpack(text: str) -> ModuleFacts:
    """Read what `pack` wrote."""
    found: dict[str, list[list[str]]] = {"import": [], "class": [], "binding": []}
    for what, *names in unpack_names(text):
        found.setdefault(what, []).append(names)
    return ModuleFacts(
        digest=found["digest"][0][0],
        imports=tuple(Import(int(level), module, tuple(names)) for level, module, *names in found["import"]),
        classes=tuple(
            ClassFacts(name, code, _parted(bases) or (), _parted(parameters), _parted(required) or (), bool(is_open))
            for name, code, bases, parameters, required, is_open in found["class"]
        ),
        bindings=tuple(Binding(name, int(level), *rest) for name, level, *rest in found["binding"]),
        error=found["error"][0][0],
    )


def _joined(names: Iterable[str] | None) -> str:
    """Write dotted names as one, so that a list of names can hold several lists of them."""
    return _NONE if names is None else ",".join(names)


def _parted(names: str) -> tuple[str, ...] | None:
    if names == _NONE:
        return None
    return tuple(names.split(",")) if names else ()
