"""``zenrepo worker``."""

from __future__ import annotations

from zenrepo.cli.output import say
from zenrepo.flows.execute import work
from zenrepo.git.locate import locate


def worker() -> None:
    """Execute the queued runs of this clone, and end when none is left."""
    done = work(locate())
    say(f"executed {done} run{'' if done == 1 else 's'}")
