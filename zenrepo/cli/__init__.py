"""The command line: one file a noun. No work is done here, only words."""

from __future__ import annotations

import sys

import zenrepo


def main() -> None:
    """Run the command line of this process.

    A look-up is answered without typer, which costs more than the work; everything else, and whatever the short way
    does not understand word for word, goes through typer.
    """
    words = sys.argv[1:]
    if words == ["--version"]:
        sys.stdout.write(f"zenrepo {zenrepo.__version__}\n")
        return
    from zenrepo.cli import hot  # noqa: PLC0415  (the line above needs none of it)

    if not hot.answer(words):
        from zenrepo.cli.app import run  # noqa: PLC0415  (typer and what it imports cost 100 ms)

        run()
