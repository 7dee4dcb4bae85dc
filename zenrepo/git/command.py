"""Run the ``git`` command."""

from __future__ import annotations

import os
import select

from zenrepo.errors import GitError
from zenrepo.values import NamedTuple

Folder = str | os.PathLike[str]
"""Where git runs; as text where `pathlib` would cost too much."""

_SMALL = 4096
"""Bytes that any pipe takes at once, before somebody reads them."""

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


class Done(NamedTuple):
    """A command that came to its end.

    Args:
        returncode: 0 if all went well; below 0, the signal that killed it.
        stdout: what it printed.
        stderr: what it said.
    """

    returncode: int
    stdout: bytes
    stderr: bytes


def git(
    folder: Folder,
    *arguments: str,
    stdin: bytes | None = None,
    environment: dict[str, str] | None = None,
) -> bytes:
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
    folder: Folder,
    *arguments: str,
    stdin: bytes | None = None,
    environment: dict[str, str] | None = None,
) -> Done:
    """Run one git command whose failure is an answer too."""
    command = ["git", "-C", os.fspath(folder), *arguments]
    environment = clean_environment() if environment is None else environment
    if stdin is not None and len(stdin) > _SMALL:
        return _fed(command, stdin, environment)
    return _spawned(command, stdin or b"", environment)


def _fed(command: list[str], stdin: bytes, environment: dict[str, str]) -> Done:
    """Run a command that may print before it has read everything."""
    import subprocess  # noqa: PLC0415  (it costs a hook 10 ms, and only long histories have that much to say)

    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def _spawned(command: list[str], stdin: bytes, environment: dict[str, str]) -> Done:
    """Run a command that reads little; `subprocess` would do the same, and costs more to import than git to run."""
    _open_standard_streams()
    (to_read, to_feed), (output, to_print), (talk, to_say) = (os.pipe() for _ in range(3))
    streams = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate((to_read, to_print, to_say))]
    try:
        try:
            process = os.posix_spawnp(command[0], command, environment, file_actions=streams)
            os.write(to_feed, stdin)
        finally:
            _close(to_read, to_feed, to_print, to_say)
        stdout, stderr = _read_both(output, talk)
    finally:
        _close(output, talk)
    return Done(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), stdout, stderr)


def _close(*ends: int) -> None:
    for end in ends:
        os.close(end)


def _open_standard_streams() -> None:
    """Make sure that a new pipe is none of a child's standard streams, though this process may have closed its own."""
    while (end := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(end)


def _read_both(one: int, other: int) -> tuple[bytes, bytes]:
    """Read two pipes to their ends, whichever has something."""
    read: dict[int, list[bytes]] = {one: [], other: []}
    waiting = select.poll()
    waiting.register(one, select.POLLIN)
    waiting.register(other, select.POLLIN)
    ends = 0
    while ends < 2:
        for pipe, _ in waiting.poll():
            part = os.read(pipe, 1 << 16)
            read[pipe].append(part)
            if not part:
                waiting.unregister(pipe)
                ends += 1
    return b"".join(read[one]), b"".join(read[other])
