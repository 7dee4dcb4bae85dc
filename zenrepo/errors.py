"""The errors that a user can meet.

    ZenrepoError                    exit code 1
    ├── UsageError                  2   an argument that cannot be used
    │   ├── UnknownName             2   a name that is not there; says what is near it
    │   ├── PipelineFileError       2   a pipeline file that cannot be read; says file and line
    │   └── StepArgumentError       2   an argument of a step that cannot be taken or recorded
    ├── NotARepository              3   no git repository, or one without .zenml/
    ├── PinError                    1   a pinned step version that cannot be honoured
    ├── GitError                    1   git itself refused
    ├── NotTrusted                  4   a trigger that the user did not trust on this machine
    ├── DirtyTreeRefused            5   the working tree differs from its commit
    ├── Unwritable                  1   a file that cannot be written: the disk is full or read-only
    ├── Damaged                     1   a file of zenrepo's own that is not as it was written
    ├── RunFailed                   6   a run did not come to a good end
    │   └── StepFailed              6   the step that stopped it, the input it had, and the cure
    │       └── DataError           6   the data that a step was given; says file, row and column
    └── Locked                      7   another process holds what this one needs

Each has a message that names the thing and the cause, and a hint that names the way out.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable


class ZenrepoError(Exception):
    """The root of every error that zenrepo raises on purpose.

    Args:
        message: what failed and why, lower case, without a full stop.
        hint: the way out, or an empty string where there is none.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.__dict__)


def _rebuild(kind: type[ZenrepoError], message: str, hint: str, state: dict[str, object]) -> ZenrepoError:
    """Make an error again from its pickled parts, whatever its own constructor asks for."""
    error = kind.__new__(kind, message)
    ZenrepoError.__init__(error, message, hint)
    error.__dict__.update(state)
    return error


class UsageError(ZenrepoError):
    """An argument or option that cannot be used as given."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that is not there.

    Args:
        what: the kind of thing, such as ``step type``.
        name: the name that was asked for.
        known: the names that are there; near ones are offered in the hint.
        hint: said where nothing is near.
    """

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(f"unknown {what} '{name}'", did_you_mean(name, known) or hint)
        self.name = name


class PipelineFileError(UsageError):
    """A pipeline file that cannot be read as one.

    Args:
        file: its path as the user knows it.
        line: the line where the trouble is, from 1; 0 where it is in no line, but in a setting of a run.
        problem: what is wrong there.
        hint: the way out.
    """

    def __init__(self, file: str, line: int, problem: str, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {problem}" if line else f"{file}: {problem}", hint)
        self.file = file
        self.line = line
        self.problem = problem


class StepArgumentError(UsageError):
    """An argument that a step cannot take, or that could not be recorded.

    Args:
        step: the class of the step, as the user wrote it.
        problem: what is wrong with which argument.
        hint: the way out.
    """

    def __init__(self, step: str, problem: str, hint: str = "") -> None:
        super().__init__(f"step '{step}': {problem}", hint)
        self.step = step


class NotARepository(ZenrepoError):
    """There is no repository here."""

    exit_code = 3


class PinError(ZenrepoError):
    """A pinned step version that cannot be honoured."""


class GitError(ZenrepoError):
    """A git command that failed.

    Args:
        arguments: the command line after ``git``.
        stderr: what git said.
        hint: the way out.
    """

    def __init__(self, arguments: Iterable[str], stderr: str, hint: str = "") -> None:
        command = " ".join(arguments)
        super().__init__(f"'git {command}' failed: {stderr.strip() or 'no message'}", hint)


class NotTrusted(ZenrepoError):
    """Something would run unasked that the user did not trust on this machine."""

    exit_code = 4


class DirtyTreeRefused(ZenrepoError):
    """The working tree differs from its commit, and that was not allowed."""

    exit_code = 5


class RunFailed(ZenrepoError):
    """A run that did not come to a good end."""

    exit_code = 6


class StepFailed(RunFailed):
    """A step that could not do its work, with the cause and the cure."""


class DataError(StepFailed):
    """Data that a step cannot use.

    Args:
        file: the file as the user knows it.
        problem: what is wrong.
        row: the line of the file, from 1, where there is one.
        column: the column's name, where there is one.
        hint: the way out.
    """

    def __init__(
        self, file: str, problem: str, *, row: int | None = None, column: str | None = None, hint: str = ""
    ) -> None:
        place = file
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column '{column}'"
        super().__init__(f"{place}: {problem}", hint)
        self.file, self.row, self.column = file, row, column


class Unwritable(ZenrepoError):
    """A file that cannot be written.

    Args:
        path: of the file, or of the folder that it would be in.
        number: what the system says, one of the module `errno`.
    """

    def __init__(self, path: str, number: int) -> None:
        if number in (errno.ENOSPC, errno.EDQUOT):
            super().__init__(f"no space left on '{path}'", "make room there; nothing that was written before is lost")
        else:
            why = _CANNOT_WRITE.get(number) or os.strerror(number).lower()
            super().__init__(f"'{path}' cannot be written: {why}", "make it writable, and run the same command again")
        self.path = path


_CANNOT_WRITE = {
    errno.EROFS: "its file system is read-only",
    errno.EFBIG: "it would be larger than this process may write ('ulimit -f')",
}


def unwritable(error: OSError, path: str = "") -> Unwritable | None:
    """Say in words that a file cannot be written.

    Args:
        error: from the system.
        path: of the file, where the error does not name it.

    Returns:
        ``None`` for an error of another kind.
    """
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, *_CANNOT_WRITE):
        return None
    return Unwritable(str(error.filename or path or "a file"), error.errno)


class Damaged(ZenrepoError):
    """A file of zenrepo's own that is not as it was written."""


class Locked(ZenrepoError):
    """Another process holds what this one needs."""

    exit_code = 7


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Offer the names nearest to one that is not there.

    Args:
        name: what was asked for.
        known: what is there.

    Returns:
        ``did you mean 'a' or 'b'?``, or an empty string where nothing is near.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415  (here, because it costs a hook 8 ms and only a mistake needs it)

    def likeness(other: str) -> float:
        """Compare whole names and their last parts: a common package alone makes no two names alike."""
        parts = ((name, other), (name.rpartition(".")[2], other.rpartition(".")[2]))
        return sum(SequenceMatcher(None, one, two).ratio() for one, two in parts) / 2

    ranked = sorted(((likeness(other), other) for other in known), reverse=True)[:3]
    near = [other for score, other in ranked if score >= max(0.65, ranked[0][0] - 0.2)]
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
