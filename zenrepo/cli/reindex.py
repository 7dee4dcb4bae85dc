"""``zenrepo reindex``."""

from __future__ import annotations

from zenrepo.cli.output import show
from zenrepo.flows import lookup
from zenrepo.git.locate import locate


def reindex() -> None:
    """Make the index anew from git alone; every answer stays the same."""
    count = lookup.reindex(locate())
    show(f"indexed {count} step version{'' if count == 1 else 's'}")
