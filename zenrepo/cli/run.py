"""``zenrepo run``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from zenrepo.cli.output import commit_name, follow_later, say
from zenrepo.cli.watch_all import watch_all
from zenrepo.flows.execution.start import start_all
from zenrepo.flows.planning.capture import choose, left_out, named, nested
from zenrepo.flows.planning.captured import changes
from zenrepo.flows.planning.wishes import LARGEST, asked, grid_of, settings_of, wishes
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import Run
from zenrepo.runs.options import Options


def run(  # noqa: PLR0913  (each is a word that a user may type)
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline.", show_default=False)],
    *,
    at: Annotated[
        str | None, typer.Option("--at", metavar="REV", help="The commit to run at; what you see, by default.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="STEP", help="Begin with this step: what stands before must be there to use."),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="STEP", help="End with this step.")] = None,
    only: Annotated[str | None, typer.Option("--only", metavar="STEP", help="Both: run this step alone.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Run with another value: steps.trainer.args.epochs=5. Give it often."
        ),
    ] = None,
    grid: Annotated[
        list[str] | None,
        typer.Option("--grid", metavar="KEY=V,V", help="A run for each value; of several grids, each combination."),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="Name the run, or begin the names of a grid's.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=f"Queue a grid of more than {LARGEST} runs.")] = False,
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
    layout = Repository.get_instance().layout
    base = asked(first, last, only, settings_of(settings or ()), label)
    wanted = wishes(base, grid_of(grid or ()), largest=sys.maxsize if yes else LARGEST)
    queued = _start(layout, name, wanted, (at, dirty), cache=not no_cache, detach=detach)
    if not detach:
        watch_all(layout, queued)


def _start(
    layout: Layout,
    name: str,
    wanted: Sequence[Options],
    where: tuple[str | None, str | None],
    *,
    cache: bool,
    detach: bool,
) -> list[Run]:
    queued = start_all(layout, name, choose(layout, *where), wanted, cache=cache, wait=False)
    for run in queued:
        called = f", {run.options.name}" if run.options.name else ""
        say(f"queued run {run.number} of '{name}' at {commit_name(run)}{called}{follow_later(run) if detach else ''}")
    if queued[0].options.captured:
        files = changes(layout, queued[0].commit)
        say(f"captured what is uncommitted: {named(files)}")
        for_themselves = nested(layout, files)
        if for_themselves:
            say(f"files in a repository of their own are not in the run: {named(for_themselves)}")
        outside = left_out(layout)
        if outside:
            say(f"not in the run, as it is outside of '{layout.prefix}': {named(outside)}")
    return queued
