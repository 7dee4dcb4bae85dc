"""The facts of modules as text, for keeping them by blob."""

from __future__ import annotations

import json

from zenrepo.sources.model import Binding, ClassFacts, Import, ModuleFacts

READER = "2"
"""Counts up whenever the same source gives other facts; what an older reader kept is read again."""


def pack(facts: ModuleFacts) -> str:
    """Write facts as one line of JSON."""
    return json.dumps(
        [
            READER,
            facts.digest,
            [[i.level, i.module, i.names] for i in facts.imports],
            [[c.qualname, c.digest, c.bases, c.parameters, c.required, c.open] for c in facts.classes],
            [[b.name, b.level, b.module, b.attribute] for b in facts.bindings],
            facts.error,
        ],
        separators=(",", ":"),
    )


def is_current(text: str) -> bool:
    """Say whether facts were kept by this reader; those of an older one are read again."""
    return text.startswith(f'["{READER}",')


def unpack(text: str) -> ModuleFacts:
    """Read what `pack` wrote."""
    _, digest, imports, classes, bindings, error = json.loads(text)
    return ModuleFacts(
        digest=digest,
        imports=tuple(Import(level, module, tuple(names)) for level, module, names in imports),
        classes=tuple(
            ClassFacts(name, code, tuple(bases), None if names is None else tuple(names), tuple(required), is_open)
            for name, code, bases, names, required, is_open in classes
        ),
        bindings=tuple(Binding(*binding) for binding in bindings),
        error=error,
    )
