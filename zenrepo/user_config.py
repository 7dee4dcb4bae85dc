"""A user's own settings: ``~/.config/zenrepo/config.yaml``.

They hold what is the user's and not the repository's: commands that run on this machine, and how much of it to take.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from zenrepo.durations import seconds_of
from zenrepo.errors import PipelineFileError, UnknownName, UsageError
from zenrepo.typed_yaml import Typed, convert, parse, save

DIRTY: Final = ("capture", "refuse", "ignore")
"""What ``zenrepo run`` does with a working tree that differs from its commit."""

DEFAULT_TEXT: Final = """\
# Your own settings of zenrepo on this machine. A line without '#' in front counts.

# A command for a run that came to a good end, and one for a run that did not. They are told of the run in
# variables such as $ZENREPO_PIPELINE, $ZENREPO_STATE and $ZENREPO_MESSAGE, and in JSON on standard input.
# on_success: notify-send "$ZENREPO_PIPELINE is complete"
# on_failure: notify-send "$ZENREPO_PIPELINE $ZENREPO_STATE" "$ZENREPO_MESSAGE"

# How many steps and runs work at a time.
# jobs: 1

# How long a worker waits for more to do before it ends.
# worker: {idle: 5 min}

# What 'zenrepo run' does with uncommitted changes: capture, refuse or ignore.
# dirty: capture
"""
"""What ``zenrepo config --edit`` starts with; it says the defaults."""


class WorkerSettings(Typed, frozen=True, kw_only=True):
    """How a worker works on this machine.

    Args:
        idle: how long it waits for more to do before it ends, as `zenrepo.durations` reads it.
    """

    idle: int | float | str = "5 min"

    @property
    def idle_seconds(self) -> float:
        """How long it waits for more to do, in seconds."""
        return seconds_of(self.idle)


class UserConfig(Typed, frozen=True, kw_only=True):
    """What a user's own settings say.

    Args:
        on_success: the command for a run that is complete, a list of words or a text for the shell; empty for none.
        on_failure: likewise for a run that failed or was interrupted.
        jobs: how many steps and runs work at a time.
        worker: how a worker works.
        dirty: what ``zenrepo run`` does with uncommitted changes; one of `DIRTY`.
    """

    on_success: str | list[str] = ""
    on_failure: str | list[str] = ""
    jobs: int = 1
    worker: WorkerSettings = WorkerSettings()
    dirty: str = "capture"


def path() -> Path:
    """Give the file of the user's own settings, whether it is there or not."""
    return user_config_path("zenrepo") / "config.yaml"


def read(text: bytes, file: str = "config.yaml") -> UserConfig:
    """Read a user's own settings.

    Args:
        text: the file's bytes; empty, or comments alone, says nothing.
        file: the file as the user knows it, for errors.

    Returns:
        The settings, with a default for each key that is not there.

    Raises:
        PipelineFileError: for anything wrong in it, with file, line and the cure.
    """
    if says_nothing(text):
        return UserConfig()
    document = parse(text, file)
    config = convert(document, UserConfig)
    with document.places.at("jobs"):
        if config.jobs < 1:
            raise UsageError(f"'jobs' is {config.jobs}: nothing would ever run", "write 1 or more")
    with document.places.at("worker", "idle"):
        seconds_of(config.worker.idle)
    with document.places.at("dirty"):
        if config.dirty not in DIRTY:
            raise UnknownName("way with uncommitted changes", config.dirty, DIRTY, f"write one of {', '.join(DIRTY)}")
    return config


def says_nothing(text: bytes) -> bool:
    """Say whether a file holds comments at the most."""
    return all(line.lstrip()[:1] in (b"", b"#") for line in text.splitlines())


def load() -> UserConfig:
    """Read the settings of this user; the defaults where there is no file.

    Raises:
        PipelineFileError: for anything wrong in the file, with its line and the cure, and where it cannot be read.
    """
    file = path()
    try:
        text = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return UserConfig()
    except OSError as error:
        raise PipelineFileError(str(file), 1, f"cannot be read: {error.strerror}") from error
    return read(text, str(file))


def load_or_default(complain: Callable[[PipelineFileError], object]) -> UserConfig:
    """Read the settings of this user for work that must go on: a broken file counts as none.

    Args:
        complain: told what is wrong with the file, if anything is.
    """
    try:
        return load()
    except PipelineFileError as error:
        complain(error)
        return UserConfig()


def write_default() -> Path:
    """Write a file of the defaults, all of them as comments, unless there is one; give its path."""
    file = path()
    if not file.exists():
        save(file, DEFAULT_TEXT)
    return file
