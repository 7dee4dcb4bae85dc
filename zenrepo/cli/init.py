"""``zenrepo init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from zenrepo.cli.output import say, show
from zenrepo.cli.trust import WAY, lines_of
from zenrepo.flows.init import is_made_here, make_repository
from zenrepo.flows.intake.trusted import look
from zenrepo.flows.intake.trusted import trust as trust_triggers
from zenrepo.git.locate import has_worktree
from zenrepo.layout import ZENML, Layout


def init(
    hooks: Annotated[bool, typer.Option(help="Install the git hooks, beside those that are there.")] = True,
    here: Annotated[
        bool, typer.Option("--here", help="Make a project of this folder, inside a larger repository.")
    ] = False,
    trust: Annotated[
        bool | None,
        typer.Option(
            "--trust/--no-trust",
            help="Let its triggers run pipelines on this machine; by default a terminal is asked where hooks are"
            " installed; unasked they may if no commit of HEAD holds .zenml/.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make this git repository a zenrepo repository. Done twice it changes nothing."""
    asks = trust is None and hooks and sys.stdin.isatty() and sys.stderr.isatty()
    made = make_repository(Path.cwd(), hooks=hooks, here=here, trust=False if asks else trust)
    show(f"{'made' if made.new else 'found'} {made.place}")
    for note in made.notes:
        say(note)
    if not (made.trusted or (asks and has_worktree(made.layout) and _ask(made.layout))):
        say(f"not trusted: no commit, merge or other event runs a pipeline here ({WAY})")
    if made.new and not has_worktree(made.layout):
        say("next: 'zenrepo trust' here, once a branch with pipelines that run on push was pushed")
    elif made.new:
        say(f"next: write a pipeline into {ZENML}/pipelines/, and commit it")


def _ask(layout: Layout) -> bool:
    """Ask whether commits may run what the triggers say; a clone of somebody's repository is not trusted by habit."""
    own = is_made_here(layout)
    found = look(layout)
    if found.triggers:
        say("\n".join(lines_of(found)))
    whose = "your commits" if own else "the triggers of this repository"
    if not typer.confirm(f"Let {whose} run pipelines on this machine?", default=own, err=True):
        return False
    trust_triggers(layout)
    return True
