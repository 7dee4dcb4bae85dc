"""``zenrepo steps``."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from zenrepo.cli.output import show_json, show_table
from zenrepo.flows import lookup
from zenrepo.flows.lookup import Version
from zenrepo.git import history
from zenrepo.git.locate import locate


def steps(
    step_type: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="List the versions of this step type.")
    ] = None,
    every_ref: Annotated[bool, typer.Option("--all", help="Look at all refs, not at HEAD's history alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the step types of this repository, or every version of one, newest first."""
    layout = locate()
    found = lookup.versions(layout, step_type, every_ref=every_ref)
    if as_json:
        show_json([_plain(version) for version in found])
    elif step_type is None:
        _show_types(found)
    else:
        shorts = history.short(layout.common, [version.row.commit for version in found])
        rows = (
            ("*" if v.current else "", shorts[v.row.commit], _date(v), v.row.author, v.row.change, v.row.subject)
            for v in found
        )
        show_table(("", "version", "date", "author", "change", "subject"), rows)


def _show_types(found: list[Version]) -> None:
    by_type: dict[str, list[Version]] = {}
    for version in found:
        by_type.setdefault(version.row.type, []).append(version)
    rows = (
        (name, vs[0].row.kind, len(vs), _date(vs[0]), "" if any(v.current for v in vs) else "not in HEAD")
        for name, vs in sorted(by_type.items())
    )
    show_table(("step type", "kind", "versions", "newest", ""), rows)


def _date(version: Version) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(version.row.time))


def _plain(version: Version) -> dict[str, Any]:
    row = version.row
    return {
        "type": row.type,
        "kind": row.kind,
        "version": row.commit,
        "code_digest": row.code_digest,
        "current": version.current,
        "change": row.change,
        "path": row.path,
        "time": row.time,
        "author": row.author,
        "subject": row.subject,
    }
