"""What a repository is asked about step versions."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from zenrepo.errors import PinError
from zenrepo.flows import lookup
from zenrepo.flows.planning.listing import listing
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import StepEntry
from zenrepo.recorded import restored
from zenrepo.sources.load import has_module, load, load_at
from zenrepo.sources.release import RELEASE
from zenrepo.sources.shipped import STANDARD
from zenrepo.steps.base import BaseStep, step_type_of


class StepLookups:
    """Looks step versions up."""

    layout: Layout

    def get_step_versions(self) -> dict[str, set[str]]:
        """Give every version of every step type that a branch, a tag or HEAD reaches.

        Returns:
            By step type, the commits that name its versions; a standard step that a pipeline uses has the release.
        """
        found: dict[str, set[str]] = {}
        for version in lookup.versions(self.layout, every_ref=True):
            found.setdefault(version.row.type, set()).add(version.row.commit)
        for entry in _entries(self.layout):
            if entry.step_type.startswith("zenrepo."):
                found.setdefault(entry.step_type, set()).add(entry.pin or RELEASE)
        return found

    def get_step_versions_by_type(self, step_type: str | type[BaseStep]) -> set[str]:
        """Give the versions of one step type.

        Args:
            step_type: the dotted path of the class, or the class.

        Returns:
            The commits that name its versions.

        Raises:
            UnknownName: for a step type that no commit holds.
        """
        name = _name(step_type)
        if name.startswith("zenrepo.steps.") and name.rpartition(".")[2] in STANDARD:
            return {RELEASE}
        return {version.row.commit for version in lookup.versions(self.layout, name, every_ref=True)}

    def get_step_by_version(self, step_type: str | type[BaseStep], version: str) -> Any:
        """Make a step again as it was at a commit.

        The class is the one of that commit; its arguments are those that a pipeline file of the commit gives it, or
        none where no pipeline names it.

        Args:
            step_type: the dotted path of the class, or the class.
            version: the commit, as ``git rev-parse`` takes it; the release for a step that ships with zenrepo.

        Returns:
            An instance of the class as it was.

        Raises:
            PinError: where the commit or the class is not there, or the class needs arguments that no pipeline gives.
        """
        name = _name(step_type)
        commit = "HEAD"
        if name.startswith("zenrepo."):
            loaded, used = load(f"{name}@{version}"), _entries(self.layout)
        else:
            commit = lookup.commit_of(self.layout, version)
            loaded, used = load_at(name, commit, self.layout), _entries(self.layout, commit)
        recorded = next((entry.args for entry in used if entry.step_type == name), {})
        args = restored(recorded, lambda dotted: _class(dotted, commit, self.layout))
        try:
            return loaded(**args)
        except TypeError as error:
            raise PinError(
                f"'{name}' at '{version}' cannot be made with the arguments {args}: {error}",
                f"load the class and make it yourself: zenrepo.sources.load.load('{name}@{version}')",
            ) from error


def _entries(layout: Layout, revision: str | None = None) -> Iterator[StepEntry]:
    """Give the steps of the pipeline files that can be read: a broken one keeps no step from its arguments."""
    for file in listing(layout, revision).files.values():
        yield from file.steps.values()


def _class(dotted: str, commit: str, layout: Layout) -> type[Any]:
    """Load a class that an argument names: as it was at the commit, or from the environment."""
    name, _, pin = dotted.partition("@")
    if has_module(name, pin or commit, layout.root):
        return load(f"{name}@{pin or commit}", layout.root)
    module, _, attribute = name.rpartition(".")
    try:
        found: type[Any] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PinError(f"the class '{name}', which an argument names, cannot be imported: {error}") from error
    return found


def _name(step_type: str | type[BaseStep]) -> str:
    if isinstance(step_type, str):
        return step_type
    return step_type_of(step_type.__module__, step_type.__qualname__)
