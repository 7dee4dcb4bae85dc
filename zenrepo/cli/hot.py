"""The short way to the look-ups that are typed, and called by prompts and editors, all day.

The table says in other words what typer's declarations say; a test compares the two, so that they cannot drift apart.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from zenrepo.cli.output import complain
from zenrepo.errors import ZenrepoError
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # importing it costs more than the look-up
    from typing import Any

COMMANDS: dict[str, tuple[str, dict[str, tuple[str, bool]]]] = {
    "steps": (
        "show_steps",
        {
            "--type": ("step_type", True),
            "--version": ("version", True),
            "--show": ("show", False),
            "--all": ("every_ref", False),
            "--json": ("as_json", False),
        },
    ),
    "runs": (
        "show_runs",
        {
            "--pipeline": ("pipeline", True),
            "--name": ("name", True),
            "--state": ("state", True),
            "--commit": ("commit", True),
            "--limit": ("limit", True),
            "-n": ("limit", True),
            "--json": ("as_json", False),
        },
    ),
}
"""By command: the file, and the function in it, that answer it; for each option the argument, and whether a value
follows."""


def answer(argv: Sequence[str]) -> bool:
    """Answer a command line, if it is one of the few that are understood here.

    Args:
        argv: the words after ``zenrepo``.

    Returns:
        Whether it was answered; if not, nothing was done.
    """
    folder, rest = (argv[1], argv[2:]) if argv[:1] == ["-C"] and len(argv) > 1 else ("", argv)
    name, words = (rest[0], rest[1:]) if rest else ("", ())
    arguments = _arguments(name, words)
    if arguments is None:
        return False
    here = os.path.realpath(".")
    try:
        os.chdir(folder or ".")
        answers = COMMANDS[name][0]
        getattr(import_module(f"zenrepo.cli.{answers}"), answers)(**arguments)
    except ZenrepoError as error:
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001  (a look-up changes nothing: the long way meets the same error, and explains it)
        os.chdir(here)
        return False
    return True


def _arguments(name: str, words: Sequence[str]) -> dict[str, Any] | None:
    """Read the options of a command; ``None`` for anything that the table does not hold word for word."""
    if name not in COMMANDS:
        return None
    options = COMMANDS[name][1]
    arguments: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        argument, takes_value = options.get(word, ("", False))
        value = next(rest, None) if takes_value else True
        if not argument or argument in arguments or value is None or str(value).startswith("-"):
            return None
        arguments[argument] = value
    return arguments
