"""``zenrepo deployments``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zenrepo.cli.output import show_json, show_table, when
from zenrepo.flows.answers import deployments as flow
from zenrepo.git.locate import locate
from zenrepo.layout import Layout

if TYPE_CHECKING:  # it is in ML Metadata's room, which the light half works without
    from zenrepo.metadata.models import Deployment

HEADS = ("", "destination", "version", "run", "commit", "deployed", "")


def deployments(
    destination: Annotated[
        str | None,
        typer.Argument(metavar="[DESTINATION]", help="List what was deployed there, or below.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the deployed models, newest first; a star marks what serves."""
    layout = locate()
    found = flow.deployments(layout, destination)
    serving = {d.place: d.id for d in reversed(found)}
    if as_json:
        show_json([plain(layout, d, serves=serving[d.place] == d.id) for d in found])
        return
    show_table(HEADS, (_row(layout, d, serves=serving[d.place] == d.id) for d in found))


def _row(layout: Layout, d: Deployment, *, serves: bool) -> tuple[object, ...]:
    note = f"version {d.restored} again" if d.restored else ""
    note = ", ".join(filter(None, [note, "rolled back" if d.rolled_back else ""]))
    place = flow.named(layout, d.place)
    return "*" if serves else " ", place, d.version, d.run, d.commit[:7], when(d.created), note


def plain(layout: Layout, deployment: Deployment, *, serves: bool) -> dict[str, Any]:
    """Give a deployment as what JSON can hold."""
    data = asdict(deployment)
    del data["args"], data["id"]
    artifact = {"artifact": deployment.id, "place": flow.named(layout, deployment.place), "serves": serves}
    return artifact | data
