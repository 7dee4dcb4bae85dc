"""Folders of versions, as TensorFlow Serving watches them, on any file system."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path

from zenrepo.errors import StepFailed
from zenrepo.steps.deployer.files import Files, files_at

LAST = "saved_model.pb"
"""The file without which TensorFlow Serving loads nothing."""


def put(model: str, folder: str, version: int, name: str) -> str:
    """Copy a model to the folder of a new version.

    Args:
        model: the folder of the model.
        folder: that of all versions.
        version: the number of the new one; a larger one is taken where it is not larger than all that are there.
        name: of the folder, for errors.

    Returns:
        The folder of the new version.

    Raises:
        StepFailed: if it cannot be written whole; what was written is taken away then.
    """
    files = files_at(folder)
    try:
        folder = files.make(folder)
        version = max([version, *(number + 1 for number in _versions(files, folder))])
        target = files.join(folder, str(version))
        beside = files.join(folder, f".{uuid.uuid4().hex}.part") if files.renames else target
    except files.errors as error:
        raise _failure(name, error) from error
    try:
        for file in _in_order(Path(model)):
            files.copy(str(Path(model, file)), files.join(beside, *file.parts))
        if files.renames:
            files.rename(beside, target)
    except BaseException as error:
        with suppress(*files.errors):  # the first error is the one to tell
            files.remove(beside)
        if isinstance(error, files.errors):
            raise _failure(name, error) from error
        raise
    return target


def thin_out(newest: str, keep: int) -> list[int]:
    """Take the oldest versions away, but never the newest.

    Args:
        newest: the folder of the version that was just deployed.
        keep: how many stay.

    Returns:
        The versions that were taken away.
    """
    files = files_at(newest)
    folder = newest.rstrip("/").rpartition("/")[0]
    old = _versions(files, folder)[:-keep]
    for version in old:
        with suppress(*files.errors):  # a version too many harms nobody
            files.remove(files.join(folder, str(version)))
    there = _versions(files, folder)
    return [version for version in old if version not in there]


def _versions(files: Files, folder: str) -> list[int]:
    return sorted(int(name) for name in files.names(folder) if name.isdecimal())


def _in_order(model: Path) -> list[Path]:
    """List a model's files, what makes it loadable last."""
    files = (file.relative_to(model) for file in model.rglob("*") if file.is_symlink() or file.is_file())
    return sorted(files, key=lambda file: (file.name == LAST, file))


def _failure(name: str, error: Exception) -> StepFailed:
    return StepFailed(
        f"the model cannot be put into '{name}': {error}", "see whether the folder may be written, and has room"
    )
