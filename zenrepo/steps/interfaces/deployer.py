"""The interface of steps that put a model where it serves."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from zenrepo.steps.base import BaseStep


class DeployerStep(BaseStep):
    """Puts a blessed model where it serves."""

    KIND: ClassVar[str] = "deployer"

    @abstractmethod
    def deploy(self, model: str, version: int) -> str:
        """Deploy a model.

        Args:
            model: the folder of the SavedModel.
            version: a number that is larger than that of every model deployed before.

        Returns:
            Where the model serves from now on: a path or an address.
        """
        raise NotImplementedError
