"""``zenrepo trust``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

import typer

from zenrepo import trust as room
from zenrepo.cli.output import clean, say, show, show_json
from zenrepo.errors import NotTrusted, UsageError
from zenrepo.flows.intake import trusted
from zenrepo.flows.intake.trusted import MERGE, Trust
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.typed_yaml import parse_value

WAY = "zenrepo trust"


def trust(
    revision: Annotated[
        str | None, typer.Option("--at", metavar="REV", help="The commit whose triggers to trust; HEAD by default.")
    ] = None,
    merges: Annotated[
        bool | None,
        typer.Option(
            "--merges/--no-merges",
            help="Let merges and pulls run what others wrote, where a trigger says merge; or no longer.",
            show_default=False,
        ),
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Trust nothing of this repository any more.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what is trusted, and trust nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which pipelines of this repository run by themselves, and let them do so on this machine."""
    if revoke + status > 1 or (merges is not None and (revoke or status)):
        raise UsageError("--revoke, --status and --merges exclude each other", "give one of them")
    layout = locate()
    if revoke:
        was = room.forget(layout)
        show(
            "no trigger of this repository is trusted any more" if was else "no trigger of this repository was trusted"
        )
        return
    before = _before(layout, revision, strict=status)
    if not status:
        trusted.trust(layout, revision, merges)
    now = trusted.look(layout, revision)
    if as_json:
        show_json(_plain(layout, now))
    else:
        show("\n".join(lines_of(now, before.missing if before else ())))
        _tell(before, now, status=status)
    if status and (now.missing or not now.known):
        raise NotTrusted(_problem(now), f"'{WAY}' trusts what is shown above")


def _before(layout: Layout, revision: str | None, *, strict: bool) -> Trust | None:
    """Say what was trusted; ``None`` where a record that cannot be read is about to be written anew."""
    try:
        return trusted.look(layout, revision)
    except NotTrusted as error:
        if strict:
            raise
        say(error.message)
        return None


def lines_of(found: Trust, new: Collection[str] = ()) -> list[str]:
    """Show the pipelines that run by themselves.

    Args:
        found: what is trusted.
        new: the names of those that were not trusted until now.

    Returns:
        A line for each, and the lines of its trigger: all that is trusted.
    """
    if not found.triggers:
        return ["no pipeline runs by itself"]
    shown = []
    for pipeline, is_trusted in found.triggers:
        verdict = "is not trusted" if not is_trusted else "is trusted now" if pipeline.name in new else "is trusted"
        shown.append(f"pipeline '{clean(pipeline.name)}' {verdict}")
        shown += [f"  {clean(line)}" for line in pipeline.trigger.splitlines()]
    return shown


def _tell(before: Trust | None, now: Trust, *, status: bool) -> None:
    """Say what merges may do, and how to run what was left out until now."""
    if any(MERGE in found.pipeline.events for found in now.triggers):
        may = "may run what others wrote" if now.merges else f"run nothing ({WAY} --merges)"
        show(f"merges and pulls {may}")
    if not status and before is not None and before.missing:
        say(f"a commit that was left out until now runs by hand: zenrepo run {clean(before.missing[0])}")


def _problem(found: Trust) -> str:
    if not found.known:
        return "this repository is not trusted on this machine"
    return f"not all that runs by itself is trusted on this machine: {', '.join(found.missing)}"


def _plain(layout: Layout, found: Trust) -> dict[str, Any]:
    return {
        "trusted": found.known and not found.missing,
        "merges": found.merges,
        "record": str(room.file_of(layout)),
        "pipelines": [
            {"pipeline": p.name, "trusted": is_trusted, "trigger": parse_value(p.trigger, p.name)}
            for p, is_trusted in found.triggers
        ],
    }
