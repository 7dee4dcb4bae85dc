"""Copy a model out of the artifact store."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from zenrepo.errors import UsageError, ZenrepoError
from zenrepo.flows.answers.results import Made

SERVING = "Format-Serving"
"""TFX's name for the folder, in a model's artifact, of what a trainer saves."""


def model_folder(made: Made) -> Path:
    """Give the folder of the model itself in a model's artifact.

    Raises:
        ZenrepoError: if it is not there.
    """
    folder = Path(made.uri, SERVING)
    if not folder.is_dir() or not any(folder.iterdir()):
        raise ZenrepoError(f"the model's files are gone from '{folder}'", "run the pipeline again: it trains anew")
    return folder


def download(model: Path, folder: Path) -> Path:
    """Copy a model, whole or not at all.

    Args:
        model: its folder.
        folder: where to; made if it is missing.

    Returns:
        The folder, absolute.

    Raises:
        UsageError: if something is there already.
        ZenrepoError: if it cannot be copied; nothing is left behind.
    """
    folder = folder.absolute()
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"'{folder}' is not empty", "name a folder that is not there yet")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is a file", "name a folder that is not there yet")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
            copied = shutil.copytree(model, Path(beside, "model"))
            Path(copied).replace(folder)
    except OSError as error:
        raise ZenrepoError(f"the model cannot be copied to '{folder}': {error}") from error
    return folder
