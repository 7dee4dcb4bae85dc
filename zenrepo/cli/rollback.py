"""``zenrepo rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.deployments import plain
from zenrepo.cli.output import clean, show, show_json
from zenrepo.flows.answers import deployments as flow
from zenrepo.git.locate import locate


def rollback(
    destination: Annotated[
        str, typer.Argument(metavar="DESTINATION", help="Where the model serves.", show_default=False)
    ],
    to: Annotated[int | None, typer.Option("--to", metavar="VERSION", help="Put this version back.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put the model back that served before, or an earlier one, by deploying it again under a new number."""
    layout = locate()
    found = flow.rollback(layout, destination, to)
    if as_json:
        show_json(plain(layout, found, serves=True))
        return
    place = clean(flow.named(layout, found.destination))
    show(f"{place} serves version {found.restored} again, of commit {found.commit[:7]}")
