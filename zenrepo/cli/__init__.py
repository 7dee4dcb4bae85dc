"""The command line: one file a noun. No work is done here, only words."""

from __future__ import annotations

import sys

from zenrepo.cli import hot


def main() -> None:
    """Run the command line of this process.

    A look-up is answered without typer, which costs more than the work; everything else, and whatever the short way
    does not understand word for word, goes through typer.
    """
    if not hot.answer(sys.argv[1:]):
        from zenrepo.cli.app import run  # noqa: PLC0415  (typer and what it imports cost 100 ms)

        run()
