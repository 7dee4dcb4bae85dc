"""The models that were deployed, and the way back to an earlier one."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenrepo.errors import UnknownName, UsageError, ZenrepoError
from zenrepo.flows.planning import stores
from zenrepo.layout import Layout
from zenrepo.runs.processes.launch import NEEDED
from zenrepo.sources.load import load
from zenrepo.sources.release import RELEASE
from zenrepo.steps import base

if TYPE_CHECKING:  # see _models
    from zenrepo.metadata.models import Deployment, Models

SERVING = "Format-Serving"
"""TFX's name for the folder of a Model artifact that a trainer saves."""


def deployments(layout: Layout, destination: str | None = None) -> list[Deployment]:
    """List the deployed models, the newest first; the newest of a place is the one that serves there.

    Args:
        layout: of the repository.
        destination: a folder or address, relative to the repository or whole; all by default. One that holds several
            gives those of each.

    Raises:
        UnknownName: if nothing was ever deployed there.
    """
    models = _models(layout)
    found = models.deployments() if models else []
    if destination is None:
        return found
    wanted = _whole(layout, destination)
    own = [d for d in found if f"{d.destination}/".startswith(f"{wanted}/")]
    if not own:
        places = {named(layout, d.place) for d in found}
        raise UnknownName(
            "destination", destination, places, "'zenrepo deployments' lists where models were deployed to"
        )
    return own


def rollback(layout: Layout, destination: str, to: int | None = None) -> Deployment:
    """Put an earlier model back where a newer one serves.

    It is deployed again, by the step that deployed it, under a new number, because a server takes the largest. The
    models that are out of service by that stay where they are; a run that trains the same model again, or uses it
    again, does not deploy it.

    Args:
        layout: of the repository.
        destination: where, as ``deployments`` takes it.
        to: the version to put back; by default the one that served before.

    Returns:
        The deployment that serves now.

    Raises:
        UsageError: if there is no such version, or several places are named.
        ZenrepoError: if the model's files are gone.
    """
    found = deployments(layout, destination)
    places = sorted({named(layout, d.place) for d in found})
    if len(places) > 1:
        raise UsageError(f"'{destination}' holds {len(places)} destinations", f"name one of {', '.join(places)}")
    models = _models(layout)
    assert models is not None
    current, target = found[0], _target(found, to)
    folder = _folder(models, target)
    version = max(int(time.time()), *(d.version + 1 for d in models.deployments()))
    step = _deployer(layout, target)
    base.run_home["repository"] = str(layout.files)
    try:
        where = step.deploy(folder, version)
    finally:
        base.run_home.clear()
    out = [d for d in found if d.model == current.model]
    from zenrepo.metadata.write import record_rollback  # noqa: PLC0415  (as in _models)

    return record_rollback(models.store, target, out, str(where), _version(str(where), version))


def named(layout: Layout, destination: str) -> str:
    """Give a destination as a user writes it: relative to the repository where it is inside."""
    return destination.removeprefix(f"{layout.files}/")


def _target(found: list[Deployment], to: int | None) -> Deployment:
    """Choose what is put back: the version that is named, or the newest deployed by a run before the current model."""
    current = found[0]
    if to is not None:
        target = next((d for d in found if d.version == to), None)
        if target is None:
            listed = ", ".join(str(d.version) for d in found)
            raise UsageError(f"there is no version {to} at '{current.place}'", f"there are {listed}")
        if target.model == current.model:
            raise UsageError(f"the model of version {to} is the one that serves already", "name another version")
        return target
    since = current.restored or current.version
    before = [d for d in found if d.version < since and not d.restored and not d.rolled_back]
    other = [d for d in before if d.model != current.model]
    if not other:
        raise UsageError(f"no version was deployed to '{current.place}' before version {since}", "name one with '--to'")
    return other[0]


def _folder(models: Models, target: Deployment) -> str:
    """Find the files of a deployed model: in the artifact store, else where it was deployed to."""
    if not target.model:
        raise ZenrepoError(f"it is not known which model version {target.version} is", "name another with '--to'")
    for folder in (Path(models.model(target.model).uri, SERVING), Path(target.destination)):
        if folder.is_dir():
            return str(folder)
    raise ZenrepoError(f"the files of version {target.version} are gone", "name another version with '--to'")


def _deployer(layout: Layout, target: Deployment) -> Any:
    """Make the deployer again as it was when it deployed."""
    pin = RELEASE if target.type.startswith("zenrepo.") else target.pin
    cls = load(f"{target.type}@{pin}", layout.root)
    return cls(**json.loads(target.args))


def _version(where: str, version: int) -> int:
    """Read the version from where the model was put: a deployer may take a larger number than it was given."""
    name = where.rstrip("/").rpartition("/")[2].partition(".")[0]
    return int(name) if name.isdecimal() and int(name) > version else version


def _whole(layout: Layout, destination: str) -> str:
    return destination.rstrip("/") if "://" in destination else str(layout.files / destination.rstrip("/"))


def _models(layout: Layout) -> Models | None:
    """Open ML Metadata; nothing where no run ever wrote it."""
    try:
        from zenrepo.metadata.models import Models  # noqa: PLC0415  (the light half works without ML Metadata)
    except ModuleNotFoundError as error:
        raise ZenrepoError(
            f"deployments are in ML Metadata, and this environment has no '{error.name}'", NEEDED
        ) from error
    store = stores.metadata_store(layout)
    return Models.at(store) if Path(store).exists() else None
