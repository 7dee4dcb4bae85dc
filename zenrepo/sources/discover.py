"""Find the step versions of a tree by reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zenrepo.sources.digest import version_digest
from zenrepo.sources.model import ClassFacts, ModuleFacts, StepFacts, StepVersion
from zenrepo.sources.modules import Module, imported, target
from zenrepo.sources.shipped import shipped_kind

Facts = Callable[[str], ModuleFacts]
"""Gives the facts of a blob, which it reads once."""

_Name = tuple[str, str]
"""A module and a name in it."""

_NAMES = 10_000
"""How many names a look-up looks at: star imports in a circle lead everywhere, again and again."""

_DEPTH = 64
"""How many names a look-up follows before it takes them for a circle."""


class Tree:
    """The modules of one tree with their facts, and the questions that can be asked of them.

    Args:
        modules: by dotted name.
        facts: by blob.
        has_classes: says of a blob whether it may define a class, without reading it as Python.
    """

    def __init__(
        self, modules: Mapping[str, Module], facts: Facts, has_classes: Callable[[str], bool] = lambda blob: True
    ) -> None:
        self._has_classes = has_classes
        self.modules = modules
        self._facts = facts
        self._classes: dict[str, dict[str, ClassFacts]] = {}
        self._order: dict[str, dict[str, int]] = {}
        self._bindings: dict[str, dict[str, list[str]]] = {}
        self._kinds: dict[tuple[str, str], str | None] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def facts(self, module: str) -> ModuleFacts:
        """Give the facts of a module."""
        return self._facts(self.modules[module].blob)

    def steps(self) -> dict[str, StepVersion]:
        """Find every step type of the tree with its version."""
        found = {}
        for name, module in self.modules.items():
            for qualname in self.classes(name) if not module.second and self._has_classes(module.blob) else ():
                kind = self.kind(name, qualname)
                if kind:
                    version = self.version(name, qualname, kind)
                    found[version.type] = version
        return found

    def asked(self) -> list[str]:
        """Give the files in which a name was looked for: an edit of theirs may make a step of a class elsewhere."""
        return [self.modules[module].path for module in self._bindings]

    def classes(self, module: str) -> dict[str, ClassFacts]:
        """Give the classes of a module by qualified name; of several definitions of one name the last, with all bases.

        Which of them counts is decided when the module runs.
        """
        if module not in self._classes:
            found: dict[str, ClassFacts] = {}
            for c in self.facts(module).classes:
                others = found[c.qualname].bases if c.qualname in found else ()
                found[c.qualname] = c._replace(bases=tuple(dict.fromkeys((*c.bases, *others)))) if others else c
            self._classes[module] = found
            self._order[module] = {name: number for number, name in enumerate(found)}
        return self._classes[module]

    def kind(self, module: str, qualname: str) -> str | None:
        """Say what kind of step a class is: the first of its bases that is one decides.

        Returns:
            The kind; ``None`` for a class that is no step.
        """
        key = (module, qualname)
        if key not in self._kinds:
            self._kinds[key] = None  # a class that inherits from itself is no step
            bases = self.classes(module)[qualname].bases
            kinds = (self._kind_of_name(found) for base in bases for found in self.find(module, base, qualname))
            self._kinds[key] = next((kind for kind in kinds if kind), None)
        return self._kinds[key]

    def _kind_of_name(self, found: tuple[str, str]) -> str | None:
        module, qualname = found
        return self.kind(module, qualname) if module else shipped_kind(qualname)

    def find(
        self,
        module: str,
        name: str,
        inside: str = "",
        depth: int = _DEPTH,
        seen: set[_Name] | None = None,
        user: _Name | None = None,
    ) -> list[_Name]:
        """Find the class that a dotted name of a module means.

        Args:
            module: where the name stands.
            name: dotted, as written.
            inside: the class whose body or bases hold the name; enclosing classes are looked in first.
            depth: how many names may still be followed.
            seen: the names that were looked at already.
            user: the class that has the name as a base; what its module defines behind it is not meant.

        Returns:
            Module and qualified name of each candidate; a class outside the tree has an empty module and its
            absolute name.
        """
        user = user or (module, inside)
        seen = set() if seen is None else seen
        for scope in _scopes(inside):
            if scope + name in self.classes(module) and self._is_behind(user, module, scope + name):
                return [(module, scope + name)]
        if depth == 0 or (module, name) in seen or len(seen) > _NAMES:
            return []
        seen.add((module, name))
        head, _, rest = name.partition(".")
        if rest and head in self.classes(module) and self._is_behind(user, module, head):
            return self._inherited(module, head, rest, depth - 1, seen)
        found: list[_Name] = []
        for goal in self._names(module).get(head, []):
            whole = f"{goal}.{rest}" if rest else goal
            found += self.find_absolute(whole, depth - 1, seen, user)
        return found or self._starred(module, name, depth - 1, seen, user)

    def _starred(self, module: str, name: str, depth: int, seen: set[_Name], user: _Name) -> list[_Name]:
        """Find what ``from … import *`` means by a name; the last one that has it counts."""
        for statement in reversed(self.facts(module).imports):
            if "*" in statement.names:
                whole = f"{statement.module}.{name}"
                for source in list(imported(self.modules[module], statement, self.modules))[-1:]:
                    if found := self.find(source, name, "", depth, seen, user):
                        return found
                if shipped_kind(whole):
                    return [("", whole)]
        return []

    def _is_behind(self, user: _Name, module: str, qualname: str) -> bool:
        """Say whether a class is there already when the module runs the statement that uses it."""
        order = self._order[module]
        return user[0] != module or order[qualname] < order.get(user[1], len(order))

    def _inherited(self, module: str, holder: str, name: str, depth: int, seen: set[_Name]) -> list[_Name]:
        """Find a nested class that a class has from one of its bases."""
        found: list[_Name] = []
        for base in self.classes(module)[holder].bases if depth > 0 else ():
            for at, other in self.find(module, base, holder, depth, seen):
                if at and f"{other}.{name}" in self.classes(at):
                    found.append((at, f"{other}.{name}"))
                elif at:
                    found += self._inherited(at, other, name, depth - 1, seen)
        return found

    def find_absolute(
        self, name: str, depth: int = _DEPTH, seen: set[_Name] | None = None, user: _Name | None = None
    ) -> list[_Name]:
        """Find the class that an absolute dotted name means; see `find`."""
        parts = name.split(".")
        for end in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:end])
            if module in self.modules:
                return self.find(module, ".".join(parts[end:]), "", depth, seen, user)
        return [("", name)]

    def _names(self, module: str) -> dict[str, list[str]]:
        """Give what each bound name of a module may stand for, absolutely."""
        if module not in self._bindings:
            names: dict[str, list[str]] = {}
            for binding in self.facts(module).bindings:
                if binding.level < 0:
                    if binding.module.partition(".")[0] != binding.name:
                        names.setdefault(binding.name, []).append(f"{module}.{binding.module}")
                elif goal := target(self.modules[module], binding):
                    names.setdefault(binding.name, []).append(goal)
            self._bindings[module] = names
        return self._bindings[module]

    def closure(self, module: str) -> frozenset[str]:
        """Give the module and every module of the tree that it imports, transitively, parent packages included."""
        if module not in self._closures:
            seen: set[str] = set()
            todo = [module, *_parents(module)]
            while todo:
                name = todo.pop()
                if name in self.modules and name not in seen:
                    seen.add(name)
                    for statement in self.facts(name).imports:
                        todo += imported(self.modules[name], statement, self.modules)
            self._closures[module] = frozenset(seen)
        return self._closures[module]

    def version(self, module: str, qualname: str, kind: str) -> StepVersion:
        """Identify the version of a step class."""
        closure = sorted(self.closure(module))
        others = ((name, self.facts(name).digest) for name in closure if name != module)
        return StepVersion(
            type=f"{module}.{qualname}",
            kind=kind,
            module=module,
            code_digest=version_digest(qualname, self.facts(module).digest, others),
            closure=tuple((name, self.modules[name].path) for name in closure),
        )

    def step_facts(self, version: StepVersion) -> StepFacts:
        """Read which arguments a step takes: those of the nearest ``__init__``, and of its bases behind ``**``."""
        names: list[str] = []
        required: list[str] = []
        is_open = True
        todo = [(version.module, version.qualname)]
        while todo and is_open:
            at, name = todo.pop(0)
            facts = self.classes(at)[name]
            if facts.parameters is not None:
                names += facts.parameters
                required += facts.required
                is_open = facts.open
            if is_open:
                todo += [f for base in facts.bases for f in self.find(at, base, name) if f[0] and f not in todo]
        return StepFacts(version.type, version.kind, tuple(names), tuple(required), is_open)


def _scopes(inside: str) -> list[str]:
    """Give the prefixes of the classes around a name, innermost first, and of the module."""
    parts = inside.split(".")[:-1] if inside else []
    return [".".join(parts[:end]) + "." for end in range(len(parts), 0, -1)] + [""]


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
