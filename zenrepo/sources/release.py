"""The steps that ship with this release, read like anybody's."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import zenrepo
from zenrepo.sources.discover import Tree
from zenrepo.sources.model import ModuleFacts, StepVersion
from zenrepo.sources.modules import Module
from zenrepo.sources.read import read_module
from zenrepo.sources.shipped import STANDARD

RELEASE = f"zenrepo_{zenrepo.__version__}"
"""How a pin names this release."""


def shipped_steps() -> dict[str, StepVersion]:
    """Read the standard steps.

    Returns:
        Their versions by the step type that users write, ``zenrepo.steps.<class>``. Packages count only where a step
        imports from their modules, so that a change of one step leaves the versions of the others alone.
    """
    package = Path(zenrepo.__file__).parent
    modules: dict[str, Module] = {}
    facts: dict[str, ModuleFacts] = {}
    for file in sorted((package / "steps").rglob("*.py")):
        if file.name != "__init__.py":
            source = file.read_bytes()
            blob = hashlib.sha256(source).hexdigest()
            path = file.relative_to(package.parent).as_posix()
            name = path.removesuffix(".py").replace("/", ".")
            modules[name] = Module(name, path, blob, package=False)
            facts[blob] = read_module(source)
    tree = Tree(modules, facts.__getitem__)
    found = {}
    for name in modules:
        for qualname in tree.classes(name):
            if qualname in STANDARD:
                version = tree.version(name, qualname, STANDARD[qualname])
                public = f"zenrepo.steps.{qualname}"
                found[public] = replace(version, facts=replace(version.facts, type=public))
    return found
