"""Run the ``git`` command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from zenrepo.errors import GitError

LOCAL_VARIABLES = frozenset(
    [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    ]
)
"""What ``git rev-parse --local-env-vars`` lists: git sets these for a hook, and they would bind its children."""


def clean_environment() -> dict[str, str]:
    """Copy the environment without what binds a child to the repository of the hook that started it."""
    return {name: value for name, value in os.environ.items() if name not in LOCAL_VARIABLES}


def git(folder: Path, *arguments: str, stdin: bytes | None = None, environment: dict[str, str] | None = None) -> bytes:
    """Run one git command to its end.

    Args:
        folder: where to run it.
        arguments: after ``git``.
        stdin: what it reads.
        environment: instead of the clean one.

    Returns:
        What it printed.

    Raises:
        GitError: if it ended with another code than 0.
    """
    done = attempt(folder, *arguments, stdin=stdin, environment=environment)
    if done.returncode:
        raise GitError(arguments, done.stderr.decode("utf-8", "replace"))
    return done.stdout


def attempt(
    folder: Path, *arguments: str, stdin: bytes | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run one git command whose failure is an answer too."""
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        env=clean_environment() if environment is None else environment,
        check=False,
    )
