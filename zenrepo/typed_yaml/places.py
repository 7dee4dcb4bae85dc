"""Where in a file each of its keys stands, so that an error can say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from zenrepo.errors import PipelineFileError, UsageError

Keys: TypeAlias = tuple[str | int, ...]
"""The way from a file's root to a value: map keys and list positions."""


@dataclass(frozen=True)
class Places:
    """The lines of a file's keys and list items.

    Args:
        file: the file as the user knows it.
        lines: the line, from 1, of each key and item; empty for a file that was made, not read.
        origins: where the values come from that the file does not say, by their keys.
    """

    file: str
    lines: Mapping[Keys, int] = field(default_factory=dict)
    origins: Mapping[Keys, str] = field(default_factory=dict)

    def line(self, *keys: str | int) -> int:
        """Find the line of a key, or of the nearest key around it that the file has."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def error(self, keys: Keys, problem: str, hint: str = "") -> PipelineFileError:
        """Make the error that says what is wrong at a key."""
        around = (keys[:length] for length in range(len(keys), 0, -1))
        origin = next((self.origins[key] for key in around if key in self.origins), None)
        if origin is not None:
            return PipelineFileError(origin, 0, problem, hint)
        return PipelineFileError(self.file, self.line(*keys), problem, hint)

    @contextmanager
    def at(self, *keys: str | int) -> Iterator[None]:
        """Give every usage error that is raised inside the file and line of a key.

        Raises:
            PipelineFileError: instead of the usage error.
        """
        try:
            yield
        except PipelineFileError:
            raise
        except UsageError as error:
            raise self.error(keys, error.message, error.hint) from error
