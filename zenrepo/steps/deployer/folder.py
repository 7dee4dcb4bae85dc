"""FolderDeployer: a folder that TensorFlow Serving watches."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from zenrepo.errors import StepFailed
from zenrepo.steps.checks import text
from zenrepo.steps.interfaces.deployer import DeployerStep


class FolderDeployer(DeployerStep):
    """Copies the model to ``<path>/<version>/``, the layout that TensorFlow Serving watches.

    A version appears whole or not at all, and every version is larger than those before.

    Args:
        path: the folder of the model, relative to the repository.
    """

    def __init__(self, *, path: str) -> None:
        super().__init__()
        text(type(self).__qualname__, "path", path)
        self.path = path

    def deploy(self, model: str, version: int) -> str:
        """Copy a model beside the versions before it, then give it its name.

        Args:
            model: the folder of the SavedModel.
            version: the version to deploy as; a larger one is taken where the folder has it already.

        Returns:
            The folder of the new version, absolute.

        Raises:
            StepFailed: if the folder cannot be written.
        """
        folder = Path(self.output_path(self.path)).absolute()
        beside = folder / f".{uuid.uuid4().hex}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            version = max([version, *(number + 1 for number in _versions(folder))])
            shutil.copytree(model, beside)
            target = folder / str(version)
            os.rename(beside, target)  # noqa: PTH104 - says what it is: one step of the file system
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise StepFailed(
                f"the model cannot be put into '{self.path}': {error}", "see the folder's permissions"
            ) from error
        return str(target)


def _versions(folder: Path) -> list[int]:
    return [int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal()]
