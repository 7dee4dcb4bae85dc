"""The datasources that a repository has."""

from __future__ import annotations

from zenrepo.datasource_files import file
from zenrepo.datasources.datasource import Datasource
from zenrepo.errors import UnknownName
from zenrepo.layout import DATASOURCES, Layout


def names(layout: Layout) -> list[str]:
    """List the names of the datasources of the working tree, sorted."""
    return sorted(path.stem for path in (layout.root / DATASOURCES).glob("*.yaml"))


def by_name(layout: Layout, name: str) -> Datasource:
    """Read a datasource of the working tree.

    Raises:
        UnknownName: if there is none of that name.
        PipelineFileError: for a file that cannot be read.
    """
    path = layout.root / DATASOURCES / f"{name}.yaml"
    if not path.is_file():
        raise UnknownName("datasource", name, names(layout), "'zenrepo datasources' lists them")
    return Datasource.of(file.read(path.read_bytes(), f"{DATASOURCES}/{name}.yaml", layout.root), layout)


def all_datasources(layout: Layout) -> dict[str, Datasource]:
    """Read all datasources of the working tree, by name."""
    return {name: by_name(layout, name) for name in names(layout)}
