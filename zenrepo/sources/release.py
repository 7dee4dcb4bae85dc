"""The steps that ship with this release, read like anybody's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import zenrepo
from zenrepo.sources.digest import source_digest
from zenrepo.sources.discover import Tree
from zenrepo.sources.model import ModuleFacts, StepFacts, StepVersion
from zenrepo.sources.modules import Module
from zenrepo.sources.read import read_module
from zenrepo.sources.shipped import STANDARD, STANDARD_BACKENDS

RELEASE = f"zenrepo_{zenrepo.__version__}"
"""How a pin names this release."""


STANDARD_OF = {"steps": STANDARD, "backends": STANDARD_BACKENDS}
"""The standard classes by the room under ``zenrepo`` that they ship in."""


class Shipped(NamedTuple):
    """A step that ships with zenrepo.

    Args:
        version: its version.
        facts: what it takes.
        source_digest: of its exact sources.
    """

    version: StepVersion
    facts: StepFacts
    source_digest: str


def read_all(sources: Mapping[str, bytes]) -> dict[str, ModuleFacts]:
    """Read modules, by the digests of their sources."""
    return {digest: read_module(source) for digest, source in sources.items()}


def shipped_steps(read: Callable[[Mapping[str, bytes]], Mapping[str, ModuleFacts]] = read_all) -> dict[str, Shipped]:
    """Read the standard steps and backends.

    Args:
        read: as `read_all`, which it may save some work.

    Returns:
        Them by the type that users write, ``zenrepo.steps.<class>`` or ``zenrepo.backends.<class>``. Packages count
        only where a step imports from their modules, so that a change of one step leaves the versions of the others
        alone.
    """
    package = Path(zenrepo.__file__).parent
    modules: dict[str, Module] = {}
    sources: dict[str, bytes] = {}
    for file in sorted(file for room in STANDARD_OF for file in (package / room).rglob("*.py")):
        if file.name != "__init__.py":
            source = file.read_bytes()
            path = file.relative_to(package.parent).as_posix()
            name = path.removesuffix(".py").replace("/", ".")
            modules[name] = Module(name, path, hashlib.sha256(source).hexdigest(), package=False)
            sources[modules[name].blob] = source
    tree = Tree(modules, read(sources).__getitem__)
    blobs = {module.path: module.blob for module in modules.values()}
    found = {}
    for name in modules:
        for qualname in tree.classes(name):
            room = name.split(".")[1]
            if qualname in STANDARD_OF[room]:
                version = tree.version(name, qualname, STANDARD_OF[room][qualname])
                public = f"zenrepo.{room}.{qualname}"
                found[public] = Shipped(
                    version._replace(type=public),
                    tree.step_facts(version)._replace(type=public),
                    source_digest((path for _, path in version.closure), blobs),
                )
    return found
