"""The command line: one file a noun. No work is done here, only words."""

from __future__ import annotations

import sys

import zenrepo


def main() -> None:
    """Run the command line of this process; where nobody reads its output any more, it ends with code 141."""
    try:
        _answer()
    except (SystemExit, BrokenPipeError) as ended:
        # typer and rich end with 1 where the reader is gone, as they do for errors
        _flush(gone=isinstance(ended, BrokenPipeError) or isinstance(ended.__context__, BrokenPipeError))
        raise
    except OSError as error:  # every other one is met where it comes up
        _unwritten(error)
    _flush()


def _flush(*, gone: bool = False) -> None:
    """Write what is left, here where an error can still be met."""
    try:
        if not gone and sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        gone = True
    except OSError as error:
        _unwritten(error)
    if gone:
        _leave(141)


def _unwritten(error: OSError) -> None:
    sys.stderr.write(f"error: standard output cannot be written: {(error.strerror or 'no reason given').lower()}\n")
    _leave(1)


def _leave(code: int) -> None:
    import os  # noqa: PLC0415  (look-ups count what they import)

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # it would fail once more when Python ends
    sys.exit(code)


def _answer() -> None:
    """Answer the words of this process.

    A look-up is answered without typer, which costs more than the work; everything else, and whatever the short way
    does not understand word for word, goes through typer.
    """
    words = sys.argv[1:]
    if words == ["--version"] and sys.stdout is not None:
        sys.stdout.write(f"zenrepo {zenrepo.__version__}\n")
        return
    from zenrepo.cli import hot  # noqa: PLC0415  (the line above needs none of it)

    if not hot.answer(words):
        from zenrepo.cli.app import run  # noqa: PLC0415  (typer and what it imports cost 100 ms)

        run()
