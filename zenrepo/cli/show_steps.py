"""What ``zenrepo steps`` prints; a look-up, so it imports next to nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from zenrepo.cli import output
from zenrepo.errors import UsageError
from zenrepo.flows import lookup
from zenrepo.flows.answers import source
from zenrepo.flows.lookup import Version
from zenrepo.git.locate import locate_with_refs
from zenrepo.git.refs import Refs
from zenrepo.layout import Layout
from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:  # importing it costs more than the look-up
    from typing import Any

_SHORT = 10
"""Digits of a commit that are shown: enough to be unique in a repository of a million objects."""


def show_steps(
    *,
    step_type: str | None = None,
    version: str | None = None,
    show: bool = False,
    diff: tuple[str, str] | None = None,
    every_ref: bool = False,
    as_json: bool = False,
) -> None:
    """List step types or versions, or print sources; the arguments are the command's options."""
    layout, refs = locate_with_refs()
    if step_type is None and (version or show or diff):
        raise UsageError("of which step type?", "name it: --type module.step.MyStep")
    if step_type and show:
        _show_source(layout, step_type, version or "HEAD")
    elif step_type and diff:
        sys.stdout.write(_printable(source.difference(layout, step_type, *diff)))
    else:
        _list(_wanted(layout, refs, step_type, version, every_ref=every_ref), step_type, as_json=as_json)


def _wanted(
    layout: Layout, refs: Refs | None, step_type: str | None, revision: str | None, *, every_ref: bool
) -> list[Version]:
    if not (step_type and revision):
        return lookup.versions(layout, step_type, every_ref=every_ref, refs=refs)
    held = lookup.version_at(layout, step_type, revision)
    found = lookup.versions(layout, step_type, every_ref=True)
    wanted = [v for v in found if (v.row.type, v.row.code_digest) == (held.type, held.code_digest)]
    if not wanted:
        raise UsageError(
            f"no branch or tag reaches '{revision}'", "'zenrepo steps --type … --all' lists what they reach"
        )
    return wanted


def _show_source(layout: Layout, step_type: str, revision: str) -> None:
    path, text = source.source(layout, step_type, revision)
    output.show(f"# {path} at {revision}")
    sys.stdout.write(_printable(text))


def _printable(text: str) -> str:
    return "\n".join("\t".join(map(output.clean, line.split("\t"))) for line in text.split("\n"))


def _list(found: Sequence[Version], step_type: str | None, *, as_json: bool) -> None:
    if as_json:
        output.show_json([_plain(version) for version in found])
    elif step_type is None:
        _list_types(found)
    else:
        rows = (
            (
                "*" if v.current else "",
                v.row.commit[:_SHORT],
                _date(v),
                v.row.author,
                _change(v),
                _runs(v),
                v.row.subject,
            )
            for v in found
        )
        output.show_table(("", "version", "date", "author", "change", "runs", "subject"), rows)


def _list_types(found: Sequence[Version]) -> None:
    by_type: dict[str, list[Version]] = {}
    for version in found:
        by_type.setdefault(version.row.type, []).append(version)
    rows = (
        (name, vs[0].row.kind, len(vs), _date(vs[0]), "" if any(v.current for v in vs) else "not in HEAD")
        for name, vs in sorted(by_type.items())
    )
    output.show_table(("step type", "kind", "versions", "newest", ""), rows)


def _date(version: Version) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(version.row.time))


def _change(version: Version) -> str:
    row = version.row
    return f"{row.change} from {row.origin}" if row.origin else row.change


def _runs(version: Version) -> str:
    """Name the runs by pipeline, as in ``cancer 1 2``."""
    by_pipeline: dict[str, list[str]] = {}
    for pipeline, number in version.runs:
        by_pipeline.setdefault(pipeline, []).append(str(number))
    return ", ".join(f"{pipeline} {' '.join(numbers)}" for pipeline, numbers in by_pipeline.items())


def _plain(version: Version) -> dict[str, Any]:
    row = version.row
    return {
        "type": row.type,
        "kind": row.kind,
        "version": row.commit,
        "code_digest": row.code_digest,
        "current": version.current,
        "change": row.change,
        "origin": row.origin or None,
        "path": row.path,
        "time": row.time,
        "author": row.author,
        "subject": row.subject,
        "runs": [{"pipeline": pipeline, "run": number} for pipeline, number in version.runs],
    }
