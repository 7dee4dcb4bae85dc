"""Steps that put a model where it serves."""

from zenrepo.steps.deployer.folder import FolderDeployer

__all__ = ["FolderDeployer"]
