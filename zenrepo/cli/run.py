"""``zenrepo run``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import say
from zenrepo.cli.watch import finish, watch
from zenrepo.errors import UsageError
from zenrepo.flows.start import DIRTY, refuse_dirty
from zenrepo.git.locate import refuse_bare
from zenrepo.repo import Repository
from zenrepo.runs.journal import Journal


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline.", show_default=False)],
    at: Annotated[
        str | None, typer.Option("--at", metavar="REV", help="The commit to run at; HEAD by default.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run every step, whatever was done before.")] = False,
    dirty: Annotated[
        str, typer.Option("--dirty", metavar="MODE", help="With uncommitted changes: refuse, or ignore them.")
    ] = "refuse",
    detach: Annotated[bool, typer.Option("--detach", help="Queue it and return.")] = False,
) -> None:
    """Run a pipeline at a commit and follow it to its end."""
    repository = Repository.get_instance()
    refuse_bare(repository.layout)
    if dirty not in DIRTY:
        raise UsageError(f"--dirty does not know '{dirty}'", f"give one of {', '.join(DIRTY)}")
    if at is None and dirty == "refuse":
        refuse_dirty(repository.layout, "--dirty ignore")
    queued = repository.run(name, at=at or "HEAD", cache=not no_cache, wait=False)
    say(f"queued run {queued.number} of '{name}' at {queued.commit[:7]}")
    if not detach:
        with Journal(repository.layout.runs_db) as journal:
            watch(repository.layout, journal, queued.number)
            finish(journal.run(queued.number))
