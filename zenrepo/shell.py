"""Commands as a user types them, each shown before it runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from zenrepo.errors import ZenrepoError
from zenrepo.git.command import clean_environment


class Shell:
    """A folder to run commands in, with this interpreter and its zenrepo in front.

    Args:
        folder: where the commands run.
        say: prints a line.
        variables: of the environment, beside those of this process.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], **variables: str) -> None:
        self.folder = folder
        self._say = say
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self._environment = clean_environment() | {"PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"} | variables

    def run(self, *command: str) -> None:
        """Show a command and run it, on this process's own streams.

        Raises:
            ZenrepoError: if it ends with another code than 0.
        """
        self._say(f"$ {shlex.join(command)}")
        done = subprocess.run(command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise self._failed(command, done.returncode)

    def show(self, *command: str) -> str:
        """Show a command, run it, and show what it prints.

        Returns:
            What it printed.

        Raises:
            ZenrepoError: if it ends with another code than 0.
        """
        self._say(f"$ {shlex.join(command)}")
        printed = self.output(*command)
        self._say(printed.rstrip("\n"))
        return printed

    def output(self, *command: str) -> str:
        """Run a command without showing it.

        Returns:
            What it printed.

        Raises:
            ZenrepoError: if it ends with another code than 0.
        """
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise self._failed(command, done.returncode)
        return done.stdout.decode("utf-8", "replace")

    def _failed(self, command: tuple[str, ...], code: int) -> ZenrepoError:
        return ZenrepoError(
            f"'{shlex.join(command)}' ended with exit code {code}",
            f"the repository is still there to look at: {self.folder}",
        )
