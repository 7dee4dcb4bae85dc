"""``zenrepo run``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import commit_name, say
from zenrepo.cli.watch import finish, watch
from zenrepo.flows.capture import left_out, named
from zenrepo.flows.captured import changes
from zenrepo.repo import Repository
from zenrepo.runs.journal import Journal


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline.", show_default=False)],
    at: Annotated[
        str | None, typer.Option("--at", metavar="REV", help="The commit to run at; what you see, by default.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run every step, whatever was done before.")] = False,
    dirty: Annotated[
        str | None,
        typer.Option(
            "--dirty",
            metavar="MODE",
            help="With uncommitted changes: capture them (as by default), refuse to run, or ignore them.",
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Queue it and return.")] = False,
) -> None:
    """Run a pipeline, and follow it to its end."""
    repository = Repository.get_instance()
    queued = repository.run(name, at=at, cache=not no_cache, wait=False, dirty=dirty)
    say(f"queued run {queued.number} of '{name}' at {commit_name(queued)}")
    if queued.options.captured:
        say(f"captured what is uncommitted: {named(changes(repository.layout, queued.commit))}")
        outside = left_out(repository.layout)
        if outside:
            say(f"not in the run, as it is outside of '{repository.layout.prefix}': {named(outside)}")
    if not detach:
        with Journal(repository.layout.runs_db) as journal:
            watch(repository.layout, journal, queued.number)
            finish(journal.run(queued.number))
