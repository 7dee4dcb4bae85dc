"""What reading a module tells: its imports, its classes, and a digest of what it means."""

from __future__ import annotations

from zenrepo.values import NamedTuple


class Import(NamedTuple):
    """One import statement.

    Args:
        level: the dots of a relative import, 0 for an absolute one.
        module: the dotted name after ``import`` or ``from``; may be empty after dots.
        names: what ``from`` takes, ``*`` included; empty for a plain ``import``.
    """

    level: int
    module: str
    names: tuple[str, ...] = ()


class ClassFacts(NamedTuple):
    """A class as its source states it.

    Args:
        qualname: the dotted path inside the module.
        digest: of its own code, decorators and nested classes included.
        bases: dotted names as written, looked up in the module's names.
        parameters: the arguments of its own ``__init__``; ``None`` where it has none and a base's counts.
        required: those without a default.
        open: whether ``__init__`` takes ``**kwargs``.
    """

    qualname: str
    digest: str
    bases: tuple[str, ...]
    parameters: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()
    open: bool = False


class Binding(NamedTuple):
    """Where a name of a module comes from.

    Args:
        name: the name in the module.
        level: the dots of a relative import, 0 for an absolute one, -1 for a name of the same module.
        module: the module that is imported, or the dotted name that is assigned.
        attribute: what ``from`` takes of it; empty where the name is the module itself.
    """

    name: str
    level: int
    module: str
    attribute: str = ""


class ModuleFacts(NamedTuple):
    """A module, read once for each distinct blob.

    Args:
        digest: of its code without comments and formatting; empty for a module without code.
        imports: every import statement, in functions and conditions too.
        classes: every class outside functions.
        bindings: the names bound by imports and plain assignments outside functions.
        error: why the file cannot be read as Python; empty where it can.
    """

    digest: str = ""
    imports: tuple[Import, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    bindings: tuple[Binding, ...] = ()
    error: str = ""

    @property
    def shape(self) -> tuple[object, ...]:
        """All but the digest: as long as it stays, so do the step types and closures of a tree."""
        return self.imports, tuple((c.qualname, c.bases) for c in self.classes), self.bindings, self.error


class StepFacts(NamedTuple):
    """A step type as its source states it.

    Args:
        type: the step type.
        kind: its interface: data, split, sequencer, preprocess, trainer, evaluator, deployer or custom.
        parameters: the arguments that it takes.
        required: those without a default.
        open: whether it takes any other keyword argument too.
    """

    type: str
    kind: str
    parameters: tuple[str, ...]
    required: tuple[str, ...]
    open: bool


class StepVersion(NamedTuple):
    """A step type with the identity that one tree gives it.

    Args:
        type: the step type.
        kind: its interface.
        module: the module that defines it.
        code_digest: the identity of the version, 64 hex digits.
        closure: the modules of its closure with their files, sorted: (module, path).
    """

    type: str
    kind: str
    module: str
    code_digest: str
    closure: tuple[tuple[str, str], ...]

    @property
    def qualname(self) -> str:
        """The class inside its module."""
        return self.type[len(self.module) + 1 :]

    @property
    def path(self) -> str:
        """The file that defines it."""
        return next(path for module, path in self.closure if module == self.module)
