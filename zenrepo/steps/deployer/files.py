"""The few things that a deployer does with files, on this machine and on any file system of TensorFlow's file layer."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from pathlib import Path
from typing import Protocol

RENAMING = ("file://", "hdfs://", "viewfs://")
"""The schemes whose folders are renamed in one step."""


class Files(Protocol):
    """A file system.

    Attributes:
        renames: whether a folder is renamed in one step.
        errors: what is raised where something cannot be done.
    """

    renames: bool
    errors: tuple[type[Exception], ...]

    @abstractmethod
    def make(self, folder: str) -> str:
        """Make a folder, unless it is there, and give its absolute path."""
        raise NotImplementedError

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """List the names in a folder."""
        raise NotImplementedError

    @abstractmethod
    def copy(self, file: str, target: str) -> None:
        """Copy a file of this machine, with the folders above the target."""
        raise NotImplementedError

    @abstractmethod
    def rename(self, folder: str, target: str) -> None:
        """Rename a folder to what is not there."""
        raise NotImplementedError

    @abstractmethod
    def remove(self, folder: str) -> None:
        """Remove a folder with all that is in it, as far as that is possible."""
        raise NotImplementedError

    def join(self, folder: str, *names: str) -> str:
        """Give the path of what is below a folder."""
        return "/".join([folder.rstrip("/"), *names])


class Local(Files):
    """The files of this machine; TensorFlow need not be installed."""

    renames = True
    errors = (OSError,)

    def make(self, folder: str) -> str:
        """Make a folder."""
        path = Path(folder).absolute()
        path.mkdir(parents=True, exist_ok=True)
        return str(path)

    def names(self, folder: str) -> list[str]:
        """List the names in a folder."""
        return [entry.name for entry in Path(folder).iterdir()]

    def copy(self, file: str, target: str) -> None:
        """Copy a file with its times."""
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)

    def rename(self, folder: str, target: str) -> None:
        """Rename a folder; one that is not empty is not replaced."""
        Path(folder).rename(target)

    def remove(self, folder: str) -> None:
        """Remove a folder."""
        shutil.rmtree(folder, ignore_errors=True)


class Remote(Files):
    """What TensorFlow's file layer reaches.

    Args:
        path: any path on it.
    """

    def __init__(self, path: str) -> None:
        import tensorflow as tf

        self._files = tf.io.gfile
        self.errors = (tf.errors.OpError, OSError)
        self.renames = path.startswith(RENAMING)

    def make(self, folder: str) -> str:
        """Make a folder; an object store has none, and needs none."""
        self._files.makedirs(folder)
        return folder.rstrip("/")

    def names(self, folder: str) -> list[str]:
        """List the names in a folder."""
        return [name.rstrip("/") for name in self._files.listdir(folder)]

    def copy(self, file: str, target: str) -> None:
        """Copy a file."""
        self._files.makedirs(target.rpartition("/")[0])
        self._files.copy(file, target)

    def rename(self, folder: str, target: str) -> None:
        """Rename a folder."""
        self._files.rename(folder, target)

    def remove(self, folder: str) -> None:
        """Remove a folder."""
        if self._files.exists(folder):
            self._files.rmtree(folder)


def files_at(path: str) -> Files:
    """Give the file system of a path."""
    return Remote(path) if "://" in path else Local()
