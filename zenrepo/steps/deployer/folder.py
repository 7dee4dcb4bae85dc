"""FolderDeployer: a folder that TensorFlow Serving watches."""

from __future__ import annotations

from zenrepo.steps.checks import positive_whole, text
from zenrepo.steps.interfaces.deployer import DeployerStep


class FolderDeployer(DeployerStep):
    """Copies the model to ``<path>/<version>/``, the layout that TensorFlow Serving watches.

    A version appears whole or not at all where the file system can rename a folder in one step. Where it cannot, as in
    an object store, the file comes last without which TensorFlow Serving loads nothing. Every version is larger than
    those before.

    Args:
        path: the folder of the model, relative to the repository, or on any file system that TensorFlow's file layer
            writes, such as ``gs://bucket/cancer``.
        keep: how many versions stay; all by default.
    """

    def __init__(self, *, path: str, keep: int | None = None) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "path", path)
        if keep is not None:
            positive_whole(name, "keep", keep)
        self.path, self.keep = path, keep

    def deploy(self, model: str, version: int) -> str:
        """Copy a model beside the versions before it.

        Args:
            model: the folder of the model.
            version: the version to deploy as; a larger one is taken where the folder has it already.

        Returns:
            The folder of the new version, absolute.

        Raises:
            StepFailed: if it cannot be written whole; nothing of it is left then.
        """
        from zenrepo.steps.deployer.versions import put, thin_out

        where = put(model, self.output_path(self.path), version, self.path)
        if self.keep is not None:
            removed = thin_out(where, self.keep)
            if removed:
                self.facts["removed"] = removed
        return where
