"""The command line: one file a noun. No work is done here, only words."""

from zenrepo.cli.app import main

__all__ = ["main"]
